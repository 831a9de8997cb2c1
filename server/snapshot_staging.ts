import type { Clock } from "../raft/mod.ts";
import type { Backend, BackendOperation } from "../storage/mod.ts";
import { SnapshotDecoder } from "./snapshot_decoder.ts";
import { STATE_BUCKETS } from "./state/replicated_state.ts";

/**
 * What is held of a snapshot before it is made durable, beside one piece of
 * the stream. A sync for each MiB is a small part of what writing it takes.
 */
export const BATCH_BYTES: number = 1024 * 1024;

/** Records in a batch: a few milliseconds of work. */
export const BATCH_RECORDS = 1_000;

/** How a slot is filled or emptied. */
export interface StagingOptions {
  readonly clock: Pick<Clock, "defer">;
  /** Ends it, between two batches. */
  readonly signal: AbortSignal;
}

/**
 * Writes a snapshot into an empty slot, batch by batch, each one durable before
 * the next one is collected.
 *
 * @throws {SnapshotFormatError} if the stream is not a whole snapshot, or more.
 */
export async function stageSnapshot(
  slot: Backend,
  pieces: AsyncIterable<Uint8Array>,
  options: StagingOptions,
): Promise<void> {
  const decoder = new SnapshotDecoder();
  let batch: BackendOperation[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    for (const operation of decoder.push(piece)) {
      batch.push(operation);
      bytes += operation.key.length + (operation.value?.length ?? 0);
      if (batch.length >= BATCH_RECORDS || bytes >= BATCH_BYTES) {
        await writeBatch(slot, batch, options);
        batch = [];
        bytes = 0;
      }
    }
  }
  decoder.end();
  await writeBatch(slot, batch, options);
}

/** Empties a slot, batch by batch. Whatever is left when it is ended is emptied another time. */
export async function clearSlot(slot: Backend, options: StagingOptions): Promise<void> {
  for (const bucket of STATE_BUCKETS) {
    for (
      let batch = deletesOf(slot, bucket);
      batch.length > 0;
      batch = deletesOf(slot, bucket)
    ) {
      await writeBatch(slot, batch, options);
    }
  }
}

/** Deletes of the first records of a bucket. */
function deletesOf(slot: Backend, bucket: string): BackendOperation[] {
  const deletes: BackendOperation[] = [];
  let bytes = 0;
  for (const [key, value] of slot.scan(bucket)) {
    deletes.push({ bucket, key, value: null });
    // The walk reads the values too.
    bytes += key.length + value.length;
    if (deletes.length >= BATCH_RECORDS || bytes >= BATCH_BYTES) {
      break;
    }
  }
  return deletes;
}

/** Makes a batch durable, and lets others have their turn. */
async function writeBatch(
  slot: Backend,
  batch: readonly BackendOperation[],
  { clock, signal }: StagingOptions,
): Promise<void> {
  signal.throwIfAborted();
  slot.write(batch);
  await slot.flush();
  await new Promise<void>((resolve) => clock.defer(resolve));
  signal.throwIfAborted();
}
