import type { Entry, Membership, Role } from "../../raft/mod.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { MemberMarks } from "../simulation/member_marks.ts";
import type { Node } from "./full_stack_life.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { FullStackWorld } from "./full_stack_world.ts";

/** What a node says of itself. */
type NodeStatus = ReturnType<Node["status"]>;

/** A member whose role and term are kept as its node has them. */
export interface PolledMember extends MemberView, Pick<FullStackMember, "node" | "reach"> {
  role: Role;
  term: number;
  readonly membershipAfter: Membership | null;
}

export interface StatusWatchOptions {
  readonly memberMarks: MemberMarks;
  /** The member has just been elected. */
  readonly onElected: () => void;
}

/** Looks at what the node of a member says of itself, whenever it may have changed. */
export class StatusWatch {
  readonly #member: PolledMember;
  readonly #world: Pick<FullStackWorld, "invariants" | "marks" | "note">;
  readonly #options: StatusWatchOptions;
  /** Term whose first entry, as its leader, this member has given to its log store. */
  #ledTerm = 0;
  #elected = 0;
  /** As of the last look at the node. */
  #polled: Pick<NodeStatus, "term" | "committedIndex" | "appliedIndex" | "membership"> | null =
    null;
  /** Whether it was suspect, as of the last look. */
  #wasSuspect = false;

  constructor(
    member: PolledMember,
    world: Pick<FullStackWorld, "invariants" | "marks" | "note">,
    options: StatusWatchOptions,
  ) {
    this.#member = member;
    this.#world = world;
    this.#options = options;
  }

  onStarted({ isSuspect }: Pick<NodeStatus, "isSuspect">): void {
    this.#wasSuspect = isSuspect;
  }

  onEnded(): void {
    this.#polled = null;
  }

  /** Looks at what the node says of itself, and at the entries that it has just appended. */
  poll(entries: readonly Entry[] = []): void {
    const member = this.#member;
    const status = member.node?.status();
    if (status === undefined) {
      return;
    }
    if (
      status.role === "leader" && status.term !== this.#ledTerm &&
      entries.some(({ term }) => term === status.term)
    ) {
      this.#ledTerm = status.term;
      member.reach(["elected"]);
    }
    this.#followTerm(status);
    if (!member.isRunning) {
      return;
    }
    if (this.#wasSuspect && !status.isSuspect) {
      const { role } = status;
      const { disk } = member;
      this.#options.memberMarks.onConfirmed({ role, disk }, this.#world.invariants.committed);
    }
    this.#wasSuspect = status.isSuspect;
    this.#followElection(status);
    this.#followCommit(status);
    if (member.isRunning) {
      this.#followRole(status);
    }
  }

  #followTerm({ term }: NodeStatus): void {
    const member = this.#member;
    if (term !== member.term) {
      member.term = term;
      if (member.role === "leader") {
        this.#world.marks.hit("leader deposed");
        member.role = "follower";
      }
    }
  }

  #followElection({ role, term }: NodeStatus): void {
    if (role === "leader" && this.#elected !== term) {
      this.#elected = term;
      this.#world.marks.hit("leader elected");
      this.#world.note(() => `${this.#member.id} leads term ${term}`);
      this.#options.onElected();
    }
  }

  #followCommit(status: NodeStatus): void {
    const { role, committedIndex } = status;
    const { invariants } = this.#world;
    const before = this.#polled;
    invariants.onStatus(this.#member.id, status, before);
    this.#polled = status;
    const isNew = before !== null && committedIndex > before.committedIndex;
    if (isNew && role === "leader") {
      this.#noteLeaderCommit(status, before);
    }
    invariants.onCommitTold(committedIndex);
    if (isNew && role === "leader") {
      this.#member.reach(["committed"]);
    }
  }

  #noteLeaderCommit(
    { role, term, committedIndex }: NodeStatus,
    before: Pick<NodeStatus, "committedIndex" | "membership">,
  ): void {
    const { id, log, disk, machine } = this.#member;
    const { invariants, marks } = this.#world;
    if (disk.log.lastIndex < committedIndex) {
      marks.hit("leader commit ahead of own disk");
    }
    if (this.#ledTerm === term && committedIndex <= log.lastIndex) {
      if (log.termAt(before.committedIndex + 1) !== term) {
        marks.hit("commit of an earlier term");
      }
      invariants.onLeaderCommitted({
        id,
        isRunning: true,
        role,
        term,
        membership: before.membership,
        membershipAfter: this.#member.membershipAfter,
        committedIndex,
        log,
        disk,
        machine,
        believed: this.#member.believed,
      });
    }
  }

  #followRole(status: NodeStatus): void {
    const member = this.#member;
    const before = member.role;
    // What the core has appended before may still wait for its turn at the log
    // store; with the leader's own first entry all of it is seen.
    const isYetToLead = status.role === "leader" && this.#ledTerm !== status.term;
    if (status.role === before || isYetToLead) {
      return;
    }
    if (status.role !== "leader") {
      this.#options.memberMarks.onRoleChanged(status, before);
    }
    member.role = status.role;
    this.#world.invariants.onRoleChanged(member);
  }
}
