import type {
  Entry,
  SnapshotMeta,
  StateMachine,
  StateMachineSnapshot,
  StateMachineState,
} from "../../raft/mod.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import { never } from "./never.ts";
import type { ProcessGate } from "./process_gate.ts";
import type { RegisterMachine } from "./register_machine.ts";
import type { RegisterResult } from "./register_state.ts";

type Results = readonly (RegisterResult | null)[];

/** A member's state machine, with all that is asked of it and answered told to the member. */
export class ObservedMachine implements StateMachine<RegisterResult | null> {
  readonly #machine: RegisterMachine;
  readonly #gate: ProcessGate;
  readonly #member: FullStackMember;

  constructor(machine: RegisterMachine, gate: ProcessGate, member: FullStackMember) {
    this.#machine = machine;
    this.#gate = gate;
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
    const results = this.#machine.apply(entries);
    if (results instanceof Promise) {
      return results.then((settled) => this.#applied(entries, settled));
    }
    return this.#applied(entries, results);
  }

  durableIndex(): number {
    return this.#machine.durableIndex();
  }

  snapshot(): StateMachineSnapshot {
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

  #applied(entries: readonly Entry[], results: Results): Results | Promise<Results> {
    this.#member.onApplied(entries);
    return this.#gate.isDead ? never() : results;
  }
}
