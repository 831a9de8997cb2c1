import type {
  Clock,
  Entry,
  SnapshotMeta,
  StateMachine,
  StateMachineSnapshot,
  StateMachineState,
} from "../../raft/mod.ts";
import type { SimulatedMachine } from "./application.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import { never } from "./never.ts";
import type { ProcessGate } from "./process_gate.ts";

type Results = readonly unknown[];

/** What the machine of one life is observed with. */
export interface ObservedMachineOptions {
  readonly gate: ProcessGate;
  readonly clock: Pick<Clock, "setTimer">;
  /** How long the next apply takes; 0 for one that is answered at once. */
  readonly applyMs: () => number;
}

/** A member's state machine, with all that is asked of it and answered told to the member. */
export class ObservedMachine implements StateMachine<unknown> {
  readonly #machine: SimulatedMachine;
  readonly #options: ObservedMachineOptions;
  readonly #member: FullStackMember;

  constructor(
    machine: SimulatedMachine,
    member: FullStackMember,
    options: ObservedMachineOptions,
  ) {
    this.#machine = machine;
    this.#options = options;
    this.#member = member;
  }

  async open(): Promise<StateMachineState> {
    const state = await this.#gate.hold(this.#machine.open());
    this.#member.onMachineOpened();
    return state;
  }

  apply(entries: readonly Entry[]): Results | Promise<Results> {
    if (this.#gate.isDead) {
      return never();
    }
    this.#member.onApplying(entries);
    if (this.#gate.isDead) {
      return never();
    }
    const delayMs = this.#options.applyMs();
    if (delayMs === 0) {
      return this.#apply(entries);
    }
    return new Promise((resolve) => {
      this.#options.clock.setTimer(delayMs, () => resolve(this.#apply(entries)));
    });
  }

  durableIndex(): number {
    return this.#machine.durableIndex();
  }

  snapshot(): StateMachineSnapshot | Promise<StateMachineSnapshot> {
    return this.#machine.snapshot();
  }

  async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#gate.isDead) {
      return never();
    }
    try {
      await this.#machine.restore(meta, chunks);
    } catch (error) {
      this.#member.onSnapshotFailed();
      throw error;
    }
    if (!this.#gate.isDead) {
      this.#member.onRestored(meta);
    }
    return this.#gate.isDead ? never() : undefined;
  }

  get #gate(): ProcessGate {
    return this.#options.gate;
  }

  #apply(entries: readonly Entry[]): Results | Promise<Results> {
    const results = this.#machine.apply(entries);
    return results instanceof Promise
      ? results.then((settled) => this.#applied(entries, settled))
      : this.#applied(entries, results);
  }

  #applied(entries: readonly Entry[], results: Results): Results | Promise<Results> {
    this.#member.onApplied(entries);
    return this.#gate.isDead ? never() : results;
  }
}
