import type { SnapshotMeta } from "../../../raft/mod.ts";
import type { OpenSnapshot } from "../../../storage/mod.ts";

/** Description of a snapshot, which its index tells from others. */
export function metaOf(index: number): SnapshotMeta {
  return {
    last: { term: 3, index },
    membership: {
      voters: ["a", "b"],
      learners: [`n${index}`],
      votersOutgoing: [],
      learnersNext: [],
    },
  };
}

/** A state that its number tells from others: three chunks of the tests' size, the last one short. */
export function stateOf(number: number): Uint8Array {
  return Uint8Array.from({ length: 150 }, (_, at) => number * 31 + at * 7);
}

/** A state as a stream, in pieces that are no chunks. */
export async function* streamOf(state: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < state.length; at += 47) {
    yield await Promise.resolve(state.slice(at, at + 47));
  }
}

/** All bytes of an open snapshot, and how reading ended. */
export async function readWhole(
  { chunks }: OpenSnapshot,
): Promise<{ readonly bytes: Uint8Array; readonly error: unknown }> {
  const bytes: number[] = [];
  try {
    for await (const chunk of chunks) {
      bytes.push(...chunk);
    }
  } catch (error) {
    return { bytes: Uint8Array.from(bytes), error };
  }
  return { bytes: Uint8Array.from(bytes), error: null };
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
