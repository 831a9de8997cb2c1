import type { Message } from "../raft/mod.ts";

/** What a frame has beside its messages: list heads, version, group, two ids. */
export const FRAME_OVERHEAD_BYTES = 512;

/** A number in its longest form. */
const UINT_BYTES = 9;

/** The head of a list, or of bytes, in its longest form. */
const HEAD_BYTES = 5;

/** List, type, term and the fields that are single numbers: at most six are in one message. */
const MESSAGE_BYTES = 2 * HEAD_BYTES + 8 * UINT_BYTES;

/** Bytes that a message takes in a frame, at most. Close to the truth where data is large. */
export function messageBytesMax(message: Message): number {
  switch (message.type) {
    case "appendRequest":
      return message.entries.reduce(
        (sum, { data }) => sum + data.length + HEAD_BYTES + UINT_BYTES + 1,
        MESSAGE_BYTES,
      );
    case "proposalForward":
      return message.proposals.reduce(
        (sum, { data }) => sum + data.length + HEAD_BYTES + UINT_BYTES,
        MESSAGE_BYTES,
      );
    case "proposalsAccepted":
    case "proposalsRefused":
    case "readForward":
    case "readsConfirmed":
      return MESSAGE_BYTES + message.ids.length * UINT_BYTES;
    case "snapshotOffer": {
      const { voters, learners, votersOutgoing, learnersNext } = message.snapshot.membership;
      const ids = [...voters, ...learners, ...votersOutgoing, ...learnersNext];
      // UTF-8 has at most three bytes for each unit of a string.
      return ids.reduce(
        (sum, id) => sum + 3 * id.length + HEAD_BYTES,
        MESSAGE_BYTES + 4 * HEAD_BYTES,
      );
    }
    default:
      return MESSAGE_BYTES;
  }
}

/**
 * Parts messages, in their order, into batches that fit in frames of
 * `frameBytes`. A message that is too large by itself makes its own batch.
 */
export function batchesOf(messages: readonly Message[], frameBytes: number): Message[][] {
  const batches: Message[][] = [];
  let left = 0;
  for (const message of messages) {
    const size = messageBytesMax(message);
    const batch = batches.at(-1);
    if (batch === undefined || size > left) {
      batches.push([message]);
      left = frameBytes - FRAME_OVERHEAD_BYTES;
    } else {
      batch.push(message);
    }
    left -= size;
  }
  return batches;
}
