import {
  type Entry,
  type Membership,
  membershipOf,
  type NodeId,
  type RaftEvent,
} from "../../raft/mod.ts";
import { ViolationError } from "../violation.ts";
import {
  type MachineState,
  membershipAt,
  type SimulatedStateMachine,
} from "./simulated_state_machine.ts";

export interface MachineDriverOptions {
  /** Whose state machine it is, for failures. */
  readonly id: NodeId;
  /** Founders of the group; empty for a member that joins later. */
  readonly initialVoters: readonly NodeId[];
}

/**
 * The part of a member that performs what its core asks of the state machine:
 * one apply at a time, and no restore while it applies. It keeps the snapshots
 * that were made for followers.
 */
export class MachineDriver {
  readonly #machine: SimulatedStateMachine;
  readonly #options: MachineDriverOptions;
  #isApplying = false;
  /** Snapshots that were made and not yet superseded, by follower. */
  readonly #snapshots = new Map<NodeId, MachineState>();
  /** Followers whose snapshot is made once the state machine stands still. */
  #awaitingApply: NodeId[] = [];

  constructor(machine: SimulatedStateMachine, options: MachineDriverOptions) {
    this.#machine = machine;
    this.#options = options;
  }

  /** The membership as of an applied index. */
  membershipAt(index: number): Membership {
    return membershipAt(this.#machine.state, index) ?? membershipOf(this.#options.initialVoters);
  }

  startApply(): void {
    if (this.#isApplying) {
      throw new ViolationError(
        "driver contract",
        `${this.#options.id} is to apply while it applies`,
      );
    }
    this.#isApplying = true;
  }

  finishApply(entries: readonly Entry[]): void {
    this.#isApplying = false;
    this.#machine.apply(entries);
  }

  /**
   * Makes a snapshot for a follower, if there is anything to be in it and
   * `canSnapshot` says so. Returns what the core is told; `null` while entries
   * are applied, after which it is to be tried again.
   */
  makeSnapshot(to: NodeId, canSnapshot: () => boolean): RaftEvent | null {
    if (this.#isApplying) {
      this.#awaitingApply.push(to);
      return null;
    }
    const { state } = this.#machine;
    const { appliedIndex: index, term } = state;
    if (index === 0 || !canSnapshot()) {
      return { type: "snapshotSent", to, succeeded: false };
    }
    this.#snapshots.set(to, state);
    const snapshot = { last: { term, index }, membership: this.membershipAt(index) };
    return { type: "snapshotReady", to, snapshot };
  }

  /** Takes off the followers whose snapshots had to wait for an apply. */
  takeAwaiting(): NodeId[] {
    return this.#awaitingApply.splice(0);
  }

  /** A snapshot that was made for a follower, if it is still here. */
  snapshotFor(to: NodeId, index: number): MachineState | null {
    const state = this.#snapshots.get(to);
    return state?.appliedIndex === index ? state : null;
  }

  /** Takes over what another member held. */
  restore(state: MachineState): void {
    if (this.#isApplying) {
      throw new ViolationError(
        "driver contract",
        `${this.#options.id} is to restore while it applies`,
      );
    }
    this.#machine.restore(state);
  }

  /** Loses what was under way and what was not durable. */
  crash(): void {
    this.#machine.crash();
    this.#isApplying = false;
    this.#awaitingApply = [];
    this.#snapshots.clear();
  }
}
