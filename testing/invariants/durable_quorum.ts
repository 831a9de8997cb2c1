import type { Message, NodeId } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";
import { hasQuorum } from "./membership_rules.ts";

/**
 * A leader commits only what is on the disks of a quorum, its own counted like
 * any other (Raft thesis §3.6, §10.2.1; nothing is acknowledged before it is
 * durable). It is seen at once, not when a crash happens to lose an entry.
 *
 * What damage has taken from a disk counts for a leader that may not know of it.
 * One that was told counts nothing of that member, whatever is on its disk,
 * before the member's log is confirmed; only what others have counted, it may hear
 * to be committed.
 */
export class DurableQuorum implements GroupInvariant {
  readonly name = "durable quorum";
  readonly #members: ReadonlyMap<string, MemberView>;
  /** By leader and follower: after how many cuts of its log it said so, and in which term. */
  readonly #told = new Map<NodeId, Map<NodeId, { readonly term: number; readonly cuts: number }>>();

  /** By member and life: how often its log had been cut by then. */
  readonly #cuts = new Map<string, number>();

  constructor(members: ReadonlyMap<string, MemberView>) {
    this.#members = members;
  }

  onSending({ id, disk }: MemberView, message: Message): void {
    if (message.type !== "voteResponse" && "suspectLife" in message) {
      this.#cuts.set(`${id} ${message.suspectLife}`, disk.cuts);
    }
  }

  onReceiving({ id, term }: MemberView, message: Message): void {
    if (message.type !== "voteResponse" && "suspectLife" in message && message.term === term) {
      const told = this.#told.get(id) ?? new Map();
      const cuts = this.#cuts.get(`${message.from} ${message.suspectLife}`) ?? 0;
      this.#told.set(id, told.set(message.from, { term, cuts }));
    }
  }

  onCommitted(leader: MemberView): void {
    const { id, role, membership, committedIndex, log } = leader;
    if (role !== "leader") {
      return;
    }
    const term = log.termAt(committedIndex);
    // Where the leader knows no entry, whoever holds none there would agree.
    expect(
      term !== null,
      this.name,
      () => `${id} committed entry ${committedIndex}, its own log ends with ${log.lastIndex}`,
    );
    const holds = (voter: string) => {
      const disk = this.#members.get(voter)?.disk;
      const told = this.#told.get(id)?.get(voter);
      // Of an earlier term, nothing is counted here, but heard from others.
      const isTold = told?.term === leader.term && told.term === term && told.cuts === disk?.cuts;
      if (disk === undefined || (isTold && disk.isSuspect)) {
        return false;
      }
      return disk.log.termAt(committedIndex) === term || disk.log.marker.index > committedIndex ||
        (!isTold && disk.hasLost({ term: term ?? 0, index: committedIndex }));
    };
    // A change of membership may have been committed, handed out and been
    // followed by another commit in the same step.
    const next = leader.membershipAfter ?? membership;
    expect(
      hasQuorum(membership, holds) || hasQuorum(next, holds),
      this.name,
      () =>
        `${id} committed entry ${committedIndex} of term ${term}, which is durable on ` +
        `[${[...this.#members.keys()].filter(holds)}] of [${membership.voters}]` +
        (membership.votersOutgoing.length > 0 ? ` and [${membership.votersOutgoing}]` : ""),
    );
  }
}
