import type { Backend, BackendOperation } from "../storage/mod.ts";
import { LOCAL_BUCKET, restoredOperation } from "./restored_position.ts";
import { bucketIn, type Slot, SlotBackend } from "./slot_backend.ts";
import { STATE_BUCKETS } from "./state/replicated_state.ts";

/** All buckets of a member's backend. */
export const MEMBER_BUCKETS: readonly string[] = [
  ...STATE_BUCKETS,
  ...STATE_BUCKETS.map((bucket) => bucketIn(1, bucket)),
  LOCAL_BUCKET,
];

/**
 * Two slots for the replicated state in a member's backend. One of them is
 * current; a snapshot is brought into the other one, bit by bit, while the
 * current one is read, and one batch then makes that one current:
 *
 * ```text
 * key meta members | key.1 meta.1 members.1 | local: current slot
 * old state        |                        | 0
 * old state        | part of a snapshot     | 0      a crash leaves the old state
 * old state        | the snapshot           | 1      a crash leaves the new one
 *                  | new state              | 1
 * ```
 *
 * Any backend can do that, as all it takes is that a batch is whole. It takes
 * room for both states, which a file of LMDB then keeps for what comes.
 */
export class StateSlots {
  readonly #backend: Backend;
  readonly #slots: Readonly<Record<Slot, Backend>>;
  #current: Slot;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#slots = { 0: new SlotBackend(backend, 0), 1: new SlotBackend(backend, 1) };
    this.#current = readCurrentSlot(backend);
  }

  /** Where the state is. */
  get current(): Backend {
    return this.#slots[this.#current];
  }

  /** Where nothing is, or the rest of what a crash or a restore has left. */
  get spare(): Backend {
    return this.#slots[otherSlot(this.#current)];
  }

  /** Makes the spare slot current, which holds a snapshot up to entry `restoredIndex`. */
  exchange(restoredIndex: number): void {
    const slot = otherSlot(this.#current);
    this.#backend.write([slotOperation(slot), restoredOperation(restoredIndex)]);
    this.#current = slot;
  }
}

function otherSlot(slot: Slot): Slot {
  return slot === 0 ? 1 : 0;
}

const KEY = new TextEncoder().encode("kvorum_slot");

function slotOperation(slot: Slot): BackendOperation {
  return { bucket: LOCAL_BUCKET, key: KEY, value: Uint8Array.of(slot) };
}

function readCurrentSlot(backend: Backend): Slot {
  const value = backend.get(LOCAL_BUCKET, KEY);
  if (value === undefined) {
    return 0; // Nothing was ever restored.
  }
  const [slot] = value;
  if (value.length !== 1 || (slot !== 0 && slot !== 1)) {
    throw new RangeError(`Record of the current slot is damaged: bytes ${value.join(" ")}`);
  }
  return slot;
}
