import type { SeededRandom } from "../seeded_random.ts";
import type { SimulatedMember } from "./simulated_member.ts";
import type { StruckGroup } from "./struck_group.ts";
import { drawChanges, inviteElection } from "./unneeded_requests.ts";

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
    const changes = drawChanges(member.membership, group.members, this.#random);
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

  inviteElection(): boolean {
    return inviteElection(this.#group, this.#random);
  }
}
