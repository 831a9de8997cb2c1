import type { IncomingSnapshot } from "../../../raft/mod.ts";

/** How far the reading of a snapshot has come. */
export interface Reading {
  state: "reading" | "ended" | "failed";
  readonly chunks: Uint8Array[];
}

/** Reads a snapshot to its end. */
export function readAll({ chunks }: IncomingSnapshot): Reading {
  const reading: Reading = { state: "reading", chunks: [] };
  const read = async () => {
    for await (const chunk of chunks) {
      reading.chunks.push(chunk);
    }
  };
  read().then(
    () => reading.state = "ended",
    () => reading.state = "failed",
  );
  return reading;
}

/** The bytes that were read, in one piece. */
export function bytesOf({ chunks }: Reading): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes;
}
