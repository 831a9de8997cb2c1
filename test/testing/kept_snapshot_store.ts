import type { EntryId, SnapshotMeta } from "../../raft/mod.ts";
import {
  NoUsableSnapshotError,
  type OpenSnapshot,
  type PublishOptions,
  SnapshotCorruptError,
  type SnapshotStore,
} from "../../storage/mod.ts";

/** A stored snapshot. */
export interface Kept {
  readonly meta: SnapshotMeta;
  readonly bytes: Uint8Array;
  isDamaged: boolean;
}

/** What a `KeptSnapshotStore` keeps between its lives. */
export interface SnapshotKeep {
  /** In no order. */
  held: readonly Kept[];
}

export const SNAPSHOTS_MAX = 4;

/** Small, so that the samples are several pieces. */
const PIECE_BYTES = 100;

/**
 * A snapshot store as plain as can be, for the broken ones to differ from in
 * one method each. It keeps its snapshots in an object that the test holds.
 */
export class KeptSnapshotStore implements SnapshotStore {
  readonly keep: SnapshotKeep;
  queue: Promise<unknown> = Promise.resolve();

  constructor(keep: SnapshotKeep) {
    this.keep = keep;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  publish(
    meta: SnapshotMeta,
    chunks: AsyncIterable<Uint8Array>,
    { signal }: PublishOptions = {},
  ): Promise<void> {
    const result = this.queue.then(async () => {
      signal?.throwIfAborted();
      const parts: Uint8Array[] = [];
      try {
        await this.collect(chunks[Symbol.asyncIterator](), { meta, signal, parts });
      } catch (error) {
        this.giveUp(meta, joined(parts), error);
      }
      this.place({ meta, bytes: joined(parts), isDamaged: false });
    });
    this.queue = result.catch(() => {});
    return result;
  }

  list(): Promise<SnapshotMeta[]> {
    return Promise.resolve(
      this.keep.held.filter(({ isDamaged }) => !isDamaged)
        .map(({ meta }) => meta)
        .sort((one, other) => other.last.index - one.last.index),
    );
  }

  openNewest(): Promise<OpenSnapshot | null> {
    const sorted = this.newestFirst();
    const newest = sorted.find(({ isDamaged }) => !isDamaged);
    if (newest !== undefined) {
      return Promise.resolve(this.reading(newest));
    }
    return sorted.length === 0
      ? Promise.resolve(null)
      : Promise.reject(this.nothingGood(sorted.map(({ meta }) => meta.last)));
  }

  purge(keep: number): Promise<void> {
    const result = this.queue.then(() => {
      this.purgeNow(keep);
    });
    this.queue = result;
    return result;
  }

  async close(): Promise<void> {
    await this.queue;
  }

  async collect(
    iterator: AsyncIterator<Uint8Array>,
    { signal, parts }: Collecting,
  ): Promise<void> {
    let isEnded = false;
    try {
      for (;;) {
        const { done, value } = await this.next(iterator, signal);
        if (done === true) {
          isEnded = true;
          return;
        }
        parts.push(value.slice());
      }
    } finally {
      if (!isEnded) {
        void iterator.return?.();
      }
    }
  }

  next(
    iterator: AsyncIterator<Uint8Array>,
    signal: AbortSignal | undefined,
  ): Promise<IteratorResult<Uint8Array>> {
    return Promise.race([iterator.next(), aborted(signal)]);
  }

  giveUp(_meta: SnapshotMeta, _bytes: Uint8Array, error: unknown): void {
    throw error;
  }

  place(published: Kept): void {
    const others = this.keep.held.filter(({ meta }) =>
      meta.last.index !== published.meta.last.index
    );
    this.keep.held = [...others, published];
    this.limit(published);
  }

  limit(published: Kept): void {
    this.purgeNow(SNAPSHOTS_MAX);
    if (!this.keep.held.includes(published)) {
      this.keep.held = [...this.keep.held, published];
    }
  }

  newestFirst(): Kept[] {
    return [...this.keep.held].sort((one, other) => other.meta.last.index - one.meta.last.index);
  }

  purgeNow(keep: number): void {
    const good = this.newestFirst().filter(({ isDamaged }) => !isDamaged).slice(0, keep);
    this.keep.held = this.keep.held.filter((kept) => kept.isDamaged || good.includes(kept));
  }

  nothingGood(damaged: readonly EntryId[]): Error {
    return new NoUsableSnapshotError(damaged, { place: "memory", what: "damaged" });
  }

  passedOver(opened: Kept): EntryId[] {
    return this.newestFirst()
      .filter(({ meta, isDamaged }) => isDamaged && meta.last.index > opened.meta.last.index)
      .map(({ meta }) => meta.last);
  }

  reading(opened: Kept): OpenSnapshot {
    return {
      meta: opened.meta,
      passedOver: this.passedOver(opened),
      chunks: this.chunks(opened),
      close: () => Promise.resolve(),
    };
  }

  async *chunks(opened: Kept): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < opened.bytes.length; at += PIECE_BYTES) {
      if (opened.isDamaged) {
        throw new SnapshotCorruptError(opened.meta.last, "damaged");
      }
      yield await Promise.resolve(this.piece(opened, at));
    }
  }

  piece({ bytes }: Kept, at: number): Uint8Array {
    return bytes.slice(at, at + PIECE_BYTES);
  }
}

/** What is collected. */
export interface Collecting {
  readonly meta: SnapshotMeta;
  readonly signal: AbortSignal | undefined;
  readonly parts: Uint8Array[];
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
    }
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}
