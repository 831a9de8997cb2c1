import { create, toBinary } from "@bufbuild/protobuf";
import { CompactionRequestSchema, PutRequestSchema } from "../../proto/mod.ts";
import { type Clock, type Entry, type SnapshotMeta, systemClock } from "../../raft/mod.ts";
import { KvStateMachine } from "../../server/kv_state_machine.ts";
import { type CommandKind, encodeCommand } from "../../server/state/command.ts";
import { ReplicatedState, STATE_BUCKETS } from "../../server/state/replicated_state.ts";
import { StateSlots } from "../../server/state_slots.ts";
import type { Backend, BackendReader } from "../../storage/mod.ts";

/** A state machine and what it works on. */
export interface MachineParts {
  readonly machine: KvStateMachine;
  readonly state: ReplicatedState;
  readonly slots: StateSlots;
}

/** The state machine of a member on a backend. */
export function partsOn(
  backend: Backend,
  clock: Clock = systemClock(),
  onFailure: (error: unknown) => void = (error) => {
    throw error;
  },
): MachineParts {
  const slots = new StateSlots(backend);
  const state = new ReplicatedState(slots.current);
  const machine = new KvStateMachine({ state, slots, clock, onFailure });
  return { machine, state, slots };
}

export function machineOn(backend: Backend): KvStateMachine {
  return partsOn(backend).machine;
}

export function command(number: number, kind: CommandKind, payload: Uint8Array): Uint8Array {
  return encodeCommand({
    kind,
    requestId: number,
    stampMs: number,
    authRevision: 0,
    user: "",
    payload,
  });
}

/** A put of one of five keys, which the number names. */
export function putCommand(number: number): Uint8Array {
  return put(number, Uint8Array.of(number % 5 + 1), Uint8Array.of(number));
}

export function put(number: number, key: Uint8Array, value: Uint8Array): Uint8Array {
  const request = create(PutRequestSchema, { key, value });
  return command(number, "put", toBinary(PutRequestSchema, request));
}

export function putEntries(count: number): Entry[] {
  return entriesOf(Array.from({ length: count }, (_, at) => putCommand(at + 1)));
}

/** Puts of so many keys, with values of a length. */
export function putsOf(count: number, valueBytes: number): Entry[] {
  return entriesOf(Array.from({ length: count }, (_, at) => {
    const key = new TextEncoder().encode(`key ${at}`);
    return put(at + 1, key, new Uint8Array(valueBytes).fill(at));
  }));
}

export function compactionEntry(index: number, revision: number): Entry {
  const request = create(CompactionRequestSchema, { revision: BigInt(revision) });
  const data = command(index, "compaction", toBinary(CompactionRequestSchema, request));
  return { term: 1, index, kind: "command", data };
}

function entriesOf(commands: readonly Uint8Array[]): Entry[] {
  return commands.map((data, at) => ({ term: 1, index: at + 1, kind: "command", data }));
}

/** What a snapshot of the state after an entry of term 1 is announced with. */
export function metaOf(index: number): SnapshotMeta {
  const membership = { voters: ["a"], learners: [], votersOutgoing: [], learnersNext: [] };
  return { last: { term: 1, index }, membership };
}

/** All records of the state, as text to compare. */
export function observeAll(reader: BackendReader): string {
  return STATE_BUCKETS.map((bucket) =>
    Array.from(
      reader.scan(bucket),
      (record) => record.map((bytes) => Buffer.from(bytes).toString("hex")).join("="),
    ).join(" ")
  ).join("|");
}

/** The pieces of a machine's snapshot, of at most so many bytes each. */
export async function piecesOf(
  machine: KvStateMachine,
  bytesMax: number = Infinity,
): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of machine.snapshot().chunks) {
    for (let at = 0; at < chunk.length; at += bytesMax) {
      pieces.push(chunk.subarray(at, Math.min(chunk.length, at + bytesMax)));
    }
  }
  return pieces;
}

export async function* streamOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    yield await Promise.resolve(piece);
  }
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
