import type {
  Clock,
  Entry,
  SnapshotMeta,
  StateMachine,
  StateMachineSnapshot,
  StateMachineState,
} from "../../raft/mod.ts";
import type { SimulatedMachine } from "./application.ts";
import { never } from "./never.ts";
import type { ProcessGate } from "./process_gate.ts";

type Results = readonly unknown[];

/** Who is told of all that is asked of a member's state machine, and of the answers. */
export interface MachineListener {
  onMachineOpened(): void;
  /** Entries are about to be applied. */
  onApplying(entries: readonly Entry[]): void;
  onApplied(entries: readonly Entry[]): void;
  onRestored(meta: SnapshotMeta): void;
  /** The stream of a snapshot broke, or what it brought was of no use. */
  onSnapshotFailed(error: unknown): void;
}

/** What the machine of one life is observed with. */
export interface ObservedMachineOptions {
  readonly gate: ProcessGate;
  readonly clock: Pick<Clock, "setTimer">;
  /** How long the next apply takes; 0 for one that is answered at once. */
  readonly applyMs: () => number;
}

/** A member's state machine, with all that is asked of it and answered told to a listener. */
export class ObservedMachine implements StateMachine<unknown> {
  readonly #machine: SimulatedMachine;
  readonly #options: ObservedMachineOptions;
  readonly #listener: MachineListener;

  constructor(
    machine: SimulatedMachine,
    listener: MachineListener,
    options: ObservedMachineOptions,
  ) {
    this.#machine = machine;
    this.#options = options;
    this.#listener = listener;
  }

  async open(): Promise<StateMachineState> {
    const state = await this.#gate.hold(this.#machine.open());
    this.#listener.onMachineOpened();
    return state;
  }

  apply(entries: readonly Entry[]): Results | Promise<Results> {
    if (this.#gate.isDead) {
      return never();
    }
    this.#listener.onApplying(entries);
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
      this.#listener.onSnapshotFailed(error);
      throw error;
    }
    if (!this.#gate.isDead) {
      this.#listener.onRestored(meta);
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
    this.#listener.onApplied(entries);
    return this.#gate.isDead ? never() : results;
  }
}
