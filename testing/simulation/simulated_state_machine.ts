import { decodeMembership, type Entry, type Membership } from "../../raft/mod.ts";
import { commandOf } from "./command.ts";

/** A membership and the index from which on it holds, with those before it. */
interface MembershipRecord {
  readonly index: number;
  readonly membership: Membership;
  readonly previous: MembershipRecord | null;
}

/** All that a state machine holds. Never changed, so that a snapshot is a reference. */
export interface MachineState {
  readonly appliedIndex: number;
  /** Term of the entry at `appliedIndex`. */
  readonly term: number;
  /** Two halves of a hash over everything that was applied, in order. */
  readonly digest: number;
  readonly digestHigh: number;
  /** Newest command by register. */
  readonly registers: readonly number[];
  readonly memberships: MembershipRecord | null;
}

/** How many registers the commands write to. */
export const REGISTERS = 4;

const EMPTY: MachineState = {
  appliedIndex: 0,
  term: 0,
  digest: 0x811c9dc5,
  digestHigh: 0x2f7b4c1d,
  registers: Array.from({ length: REGISTERS }, () => 0),
  memberships: null,
};

/**
 * A state machine whose backend syncs now and then: what it holds runs ahead of
 * what would survive a crash.
 */
export class SimulatedStateMachine {
  #state: MachineState = EMPTY;
  #durable: MachineState = EMPTY;

  get state(): MachineState {
    return this.#state;
  }

  get durableIndex(): number {
    return this.#durable.appliedIndex;
  }

  /** Applies entries that follow on what was applied. */
  apply(entries: readonly Entry[]): void {
    let { appliedIndex, term, digest, digestHigh, memberships } = this.#state;
    const registers = [...this.#state.registers];
    for (const { kind, index, term: entryTerm, data } of entries) {
      let value = index;
      if (kind === "command") {
        value = commandOf(data);
        registers[value % REGISTERS] = value;
      } else if (kind === "membership") {
        memberships = { index, membership: decodeMembership(data), previous: memberships };
      }
      digest = Math.imul(digest ^ value ^ (entryTerm << 20), 0x01000193);
      digestHigh = Math.imul(digestHigh ^ (digest >>> 15) ^ index, 0x85ebca6b);
      appliedIndex = index;
      term = entryTerm;
    }
    this.#state = { appliedIndex, term, digest, digestHigh, registers, memberships };
  }

  /** Makes everything durable. */
  sync(): void {
    this.#durable = this.#state;
  }

  /** Takes over what another member held, durably. */
  restore(state: MachineState): void {
    this.#state = state;
    this.#durable = state;
  }

  /** Loses what was not durable. */
  crash(): void {
    this.#state = this.#durable;
  }
}

/** The membership as of `index`, `null` if no entry tells. */
export function membershipAt({ memberships }: MachineState, index: number): Membership | null {
  let record = memberships;
  while (record !== null && record.index > index) {
    record = record.previous;
  }
  return record?.membership ?? null;
}
