import {
  decodeMembership,
  type Entry,
  type Membership,
  type SnapshotMeta,
} from "../../raft/mod.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { MemberMarks } from "../simulation/member_marks.ts";
import { pointOfMembership } from "../simulation/reached_crash_points.ts";
import { expect } from "../violation.ts";
import type { SimulatedMachine } from "./application.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { FullStackWorld } from "./full_stack_world.ts";
import type { MachineListener } from "./observed_machine.ts";
import type { StatusWatch } from "./status_watch.ts";

/** A member whose membership and commit index are kept as its state machine is given them. */
export interface MachineMember extends MemberView, Pick<FullStackMember, "process" | "reach"> {
  membership: Membership;
  committedIndex: number;
}

export interface MachineWatchOptions {
  readonly memberMarks: MemberMarks;
  readonly status: Pick<StatusWatch, "poll">;
  /** It could not restore a snapshot, be it that its disk failed or that there was none. */
  readonly onRestoreFailed: (error: unknown) => void;
}

/** Follows what the node of a member asks of its state machine, and what that then holds. */
export class MachineWatch implements MachineListener {
  readonly #member: MachineMember;
  readonly #world: Pick<FullStackWorld, "invariants" | "marks">;
  readonly #options: MachineWatchOptions;
  /** What the state machine has said to be durable. */
  #promise = 0;

  constructor(
    member: MachineMember,
    world: Pick<FullStackWorld, "invariants" | "marks">,
    options: MachineWatchOptions,
  ) {
    this.#member = member;
    this.#world = world;
    this.#options = options;
  }

  /** Holds a state machine to what it now says to be durable. */
  notePromise(machine: Pick<SimulatedMachine, "durableIndex">): void {
    this.#promise = Math.max(this.#promise, machine.durableIndex());
  }

  onMachineOpened(): void {
    this.#mirror();
    const { id, machine } = this.#member;
    const { appliedIndex } = machine.state;
    expect(
      appliedIndex >= this.#promise,
      "state machine durability",
      () => `the state machine of ${id} holds ${appliedIndex} after ${this.#promise}`,
    );
    this.#member.committedIndex = appliedIndex;
  }

  onApplying(entries: readonly Entry[]): void {
    const member = this.#member;
    this.#options.status.poll();
    const before = member.committedIndex;
    member.committedIndex = Math.max(before, entries.at(-1)?.index ?? 0);
    this.#world.invariants.onApplying(member, before, entries);
    if (entries.some(({ kind }) => kind === "membership")) {
      member.reach(["membership committed"]);
    }
  }

  onApplied(entries: readonly Entry[]): void {
    this.#mirror();
    this.#world.invariants.onApplied(this.#member);
    for (const entry of entries) {
      if (entry.kind === "membership") {
        this.#changeMembership(decodeMembership(entry.data), entry);
      }
    }
  }

  onRestored(meta: SnapshotMeta): void {
    const member = this.#member;
    const { marks, invariants } = this.#world;
    const { last, membership } = meta;
    marks.hit("snapshot restored");
    const held = member.log.termAt(last.index);
    if (held !== null && held !== last.term) {
      marks.hit("snapshot restored over a conflicting log");
    }
    member.committedIndex = Math.max(member.committedIndex, last.index);
    member.membership = membership;
    this.#mirror();
    invariants.onRestored(member, meta);
    if (member.process !== null) {
      this.notePromise(member.process.machine);
    }
    member.reach(["snapshot restored"]);
  }

  onSnapshotFailed(error: unknown): void {
    this.#world.marks.hit("snapshot failed");
    this.#options.onRestoreFailed(error);
  }

  /** Takes what the state machine holds over into the form that the invariants know. */
  #mirror(): void {
    const held = this.#member.process?.machine.digest();
    if (held !== undefined) {
      const { appliedIndex, term, low: digest, high: digestHigh } = held;
      this.#member.machine.restore({
        appliedIndex,
        term,
        digest,
        digestHigh,
        registers: [],
        memberships: null,
      });
    }
  }

  #changeMembership(after: Membership, { term, index }: Entry): void {
    const member = this.#member;
    const before = member.membership;
    member.membership = after;
    this.#world.invariants.onMembershipChanged(member, index);
    this.#options.memberMarks.onMembershipChanged({ before, after, term });
    member.reach([pointOfMembership(before, after)]);
  }
}
