import { MembershipChangeError } from "../../raft/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import { drawChanges, inviteElection } from "../simulation/unneeded_requests.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { StruckFullStack } from "./struck_full_stack.ts";
import type { Wish } from "./wish.ts";

/**
 * Tells whole members things, and asks them for things, that nobody needs: another
 * membership, another leader. What strikes returns whether it could.
 */
export class FullStackMeddler {
  readonly #group: StruckFullStack;
  readonly #random: SeededRandom;

  constructor(group: StruckFullStack, random: SeededRandom) {
    this.#group = group;
    this.#random = random;
  }

  /** Tells a member that another cannot be reached. */
  reportUnreachable(member: FullStackMember): boolean {
    const other = this.#random.pick(this.#group.members);
    if (!member.isReachable || other === member) {
      return false;
    }
    member.process?.transport.reportUnreachable(other.id);
    return true;
  }

  changeMembership(member: FullStackMember): boolean {
    const { node } = member;
    if (node === null || !member.isReachable) {
      return false;
    }
    const group = this.#group;
    const changes = drawChanges(node.status().membership, group.members, this.#random);
    group.note(() => `${member.id} is asked for ${JSON.stringify(changes)}`);
    group.invariants.onChangeRequested(member, changes);
    const asked = member.request((asked) => asked.changeMembership(changes));
    this.#await(asked, { member: member.id, what: JSON.stringify(changes) });
    asked.catch((error) => {
      if (error instanceof MembershipChangeError) {
        group.marks.hit("membership refused");
      }
    });
    return true;
  }

  transfer(member: FullStackMember): boolean {
    if (!member.isReachable) {
      return false;
    }
    const { marks, members } = this.#group;
    const to = this.#random.pick(members).id;
    const asked = member.request((node) => node.transferLeadership(to));
    this.#await(asked, { member: member.id, what: `a transfer to ${to}` });
    asked.then(
      () => marks.hit("transfer succeeded"),
      () => marks.hit("transfer aborted"),
    );
    return true;
  }

  inviteElection(): boolean {
    return inviteElection(this.#group, this.#random);
  }

  /** Whoever wishes for something is owed an answer, in the end. */
  #await(asked: Promise<unknown>, wish: Wish): void {
    const { wishes } = this.#group;
    wishes.add(wish);
    const end = (): void => void wishes.delete(wish);
    asked.then(end, end);
  }
}
