import {
  type Entry,
  isJoint,
  isQuorum,
  type Membership,
  type NodeId,
  type RaftEvent,
  type Role,
} from "../../raft/mod.ts";
import type { CommittedLog } from "../invariants/committed_log.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { MarkCounts } from "./marks.ts";
import type { DiskWrite, SimulatedDisk } from "./simulated_disk.ts";
import type { StoredLog } from "./stored_log.ts";

/** Counts an election for which the votes of members with whole logs were too few. */
export function markElection(
  marks: MarkCounts,
  { membership, role }: Pick<MemberView, "membership" | "role">,
  memberOf: (id: NodeId) => Pick<MemberView, "disk"> | undefined,
): void {
  const isWhole = (id: NodeId) => memberOf(id)?.disk.isSuspect !== true;
  if (role === "leader" && !isQuorum(membership, isWhole)) {
    marks.hit("elected by all voters with suspects among them");
  }
}

/** Counts a confirmation by a leader, and what came back with it of what was lost. */
export function markConfirmation(
  marks: MarkCounts,
  { lost, log }: Pick<SimulatedDisk, "lost" | "log">,
  committed: Pick<CommittedLog, "at">,
): void {
  marks.hit("suspect member confirmed");
  const isBack = lost.some(({ index, term }) =>
    log.termAt(index) === term && committed.at(index)?.entry.term === term
  );
  if (isBack) {
    marks.hit("acknowledged entry was lost by a damaged member and came back");
  }
}

/** Tells from what one member does which marks it has reached. It changes nothing else. */
export class MemberMarks {
  readonly #marks: MarkCounts;
  /** Term in which the joint configuration in force was entered. */
  #jointTerm: number | null = null;

  constructor(marks: MarkCounts) {
    this.#marks = marks;
  }

  onStarted(membership: Membership): void {
    if (isJoint(membership)) {
      this.#marks.hit("joint on restart");
    }
  }

  /** The member goes down: in its next life it sees anew what its membership becomes. */
  onDown(): void {
    this.#jointTerm = null;
  }

  /** Of the writes that `waiting` has, the oldest `surviving` reached the disk. */
  onCrashed(waiting: readonly DiskWrite[], surviving: number): void {
    const lost = waiting.slice(surviving);
    if (lost.some((write) => write.type === "batch" && write.hardState?.vote != null)) {
      this.#marks.hit("vote lost in a crash");
    }
    if (surviving > 0) {
      this.#marks.hit("batch survived a crash");
    }
    if (lost.length > 0) {
      this.#marks.hit("batch lost in a crash");
    }
  }

  /** Entries are about to be appended to a log, from the first of them on. */
  onAppending(log: StoredLog, entries: readonly Entry[]): void {
    const { lastIndex } = log;
    const first = entries[0]?.index ?? 0;
    if (first > lastIndex) {
      return;
    }
    this.#marks.hit("entries truncated");
    for (let index = first; index <= lastIndex; index += 1) {
      if (log.entryAt(index)?.kind === "membership") {
        this.#marks.hit("membership rolled back");
      }
    }
  }

  /** The core is about to be told that something is durable. */
  onWritten(log: StoredLog, completion: RaftEvent): void {
    if (completion.type === "snapshotRestored") {
      this.#marks.hit("snapshot restored");
    } else if (completion.type === "persisted") {
      const { upTo } = completion;
      if (upTo !== null && log.termAt(upTo.index) !== upTo.term) {
        this.#marks.hit("stale storage completion");
      }
    }
  }

  /** A leader's commit index has gone up from `before`. */
  onCommittedByLeader({ log, disk, term, committedIndex }: MemberView, before: number): void {
    if (log.termAt(before + 1) !== term) {
      this.#marks.hit("commit of an earlier term");
    }
    if (disk.log.lastIndex < committedIndex) {
      this.#marks.hit("leader commit ahead of own disk");
    }
  }

  /** A member that was suspect is no more. */
  onConfirmed(
    { role, disk }: Pick<MemberView, "role" | "disk">,
    committed: Pick<CommittedLog, "at">,
  ): void {
    if (role !== "leader") {
      markConfirmation(this.#marks, disk, committed);
    }
  }

  /** A client's read has come to a leader. */
  onReadRequested({ log, term, committedIndex }: MemberView): void {
    if (log.termAt(committedIndex) !== term) {
      this.#marks.hit("read waited for the no-op");
    }
  }

  onRoleChanged(
    { id, role, leader, membership }: Pick<MemberView, "id" | "role" | "membership"> & {
      readonly leader: NodeId | null;
    },
    before: Role,
  ): void {
    if (role === "leader") {
      this.#marks.hit("leader elected");
    } else if (before === "leader") {
      this.#marks.hit("leader lost its quorum");
      if (!membership.voters.includes(id)) {
        this.#marks.hit("leader removed");
      }
    } else if (before === "candidate" && leader === null && role === "follower") {
      this.#marks.hit("candidate lost");
    }
  }

  /** `term` is that of the entry with the new membership, `null` where it is not known. */
  onMembershipChanged(
    { before, after, term }: {
      readonly before: Membership;
      readonly after: Membership;
      readonly term: number | null;
    },
  ): void {
    const enteredIn = this.#jointTerm;
    this.#jointTerm = isJoint(after) ? term : null;
    if (isJoint(after)) {
      this.#marks.hit("joint entered");
    } else if (isJoint(before)) {
      this.#marks.hit("joint left");
      if (enteredIn !== null && term !== null && enteredIn !== term) {
        this.#marks.hit("joint left by another leader");
      }
    } else {
      this.#marks.hit("membership changed");
    }
    if (after.learners.some((id) => !before.learners.includes(id))) {
      this.#marks.hit("learner added");
    }
    if (after.voters.some((id) => before.learners.includes(id))) {
      this.#marks.hit("learner promoted");
    }
  }
}
