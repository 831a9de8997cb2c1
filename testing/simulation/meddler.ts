import type { MembershipChange } from "../../raft/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { SimulatedMember } from "./simulated_member.ts";
import type { StruckGroup } from "./struck_group.ts";

/**
 * Tells members things, and asks them for things, that nobody needs: another
 * membership, another leader. What strikes returns whether it could.
 */
export class Meddler {
  readonly #group: StruckGroup;
  readonly #random: SeededRandom;

  constructor(group: StruckGroup, random: SeededRandom) {
    this.#group = group;
    this.#random = random;
  }

  /** Tells a member that another cannot be reached. */
  reportUnreachable(member: SimulatedMember): boolean {
    const other = this.#random.pick(this.#group.members);
    if (!this.#group.isReachable(member) || other === member) {
      return false;
    }
    member.step({ type: "unreachable", id: other.id });
    return true;
  }

  changeMembership(member: SimulatedMember): boolean {
    const group = this.#group;
    if (!group.isReachable(member)) {
      return false;
    }
    const count = this.#random.pick([1, 1, 2, 3]);
    const changes = this.#random.shuffled(group.members).slice(0, count)
      .map((each): MembershipChange => ({ type: this.#changeOf(member, each), id: each.id }));
    group.note(() => `${member.id} is asked for ${JSON.stringify(changes)}`);
    member.change(group.ledger.takeId(), changes);
    return true;
  }

  transfer(member: SimulatedMember): boolean {
    if (!this.#group.isReachable(member)) {
      return false;
    }
    member.step({ type: "transferRequested", to: this.#random.pick(this.#group.members).id });
    return true;
  }

  /** As a message of a transfer that was given up may come late. */
  inviteElection(): boolean {
    const group = this.#group;
    const { leader } = group;
    if (leader === undefined || group.configuration.tuning.leaseReads === true) {
      return false;
    }
    const to = this.#random.pick(group.members);
    if (to === leader) {
      return false;
    }
    const message = { type: "timeoutNow", from: leader.id, to: to.id, term: leader.term } as const;
    group.inject(message, this.#random.around(group.electionUs));
    return true;
  }

  /** Mostly something that is possible. */
  #changeOf({ membership }: SimulatedMember, { id }: SimulatedMember): MembershipChange["type"] {
    if (membership.voters.includes(id)) {
      // The group should not shrink to nothing.
      return this.#random.chance(membership.voters.length > 2 ? 0.6 : 0.2)
        ? "remove"
        : "addLearner";
    }
    return membership.learners.includes(id) && this.#random.chance(0.3)
      ? "remove"
      : this.#random.pick(["addVoter", "addVoter", "addLearner"]);
  }
}
