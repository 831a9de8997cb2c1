import type { SnapshotMeta } from "../../raft/mod.ts";
import type { PublishOptions } from "../../storage/mod.ts";
import { type Collecting, joined, type Kept, KeptSnapshotStore } from "./kept_snapshot_store.ts";
import type { SnapshotKeep } from "./kept_snapshot_store.ts";

/** A snapshot store that is wrong in one way, and the case that is to find it. */
export interface BrokenSnapshotStore {
  readonly what: string;
  readonly breaks: string;
  readonly Store: new (keep: SnapshotKeep) => KeptSnapshotStore;
}

/** Stores that publish wrongly. */
export const BROKEN_PUBLISHES: readonly BrokenSnapshotStore[] = [
  {
    what: "lists something before anything was published",
    breaks: "a new store holds nothing",
    Store: class extends KeptSnapshotStore {
      #isNew = this.keep.held.length === 0;
      override publish(...args: Parameters<KeptSnapshotStore["publish"]>) {
        this.#isNew = false;
        return super.publish(...args);
      }
      override async list() {
        const membership = { voters: [], learners: [], votersOutgoing: [], learnersNext: [] };
        return this.#isNew ? [{ last: { term: 1, index: 1 }, membership }] : await super.list();
      }
    },
  },
  {
    what: "cuts large chunks short",
    breaks: "what was published is read back, byte for byte",
    Store: class extends KeptSnapshotStore {
      override async collect(iterator: AsyncIterator<Uint8Array>, collecting: Collecting) {
        await super.collect(iterator, collecting);
        const { meta, parts } = collecting;
        if (meta.last.index === 10) {
          parts.splice(0, Infinity, ...parts.map((part) => part.subarray(0, 65_536)));
        }
      }
    },
  },
  {
    what: "makes a byte of none",
    breaks: "a state of no bytes can be published",
    Store: class extends KeptSnapshotStore {
      override place(kept: Kept) {
        super.place(kept.bytes.length === 0 ? { ...kept, bytes: new Uint8Array(1) } : kept);
      }
    },
  },
  {
    what: "forgets the learners of a late snapshot",
    breaks: "a snapshot comes with its last entry and its membership",
    Store: class extends KeptSnapshotStore {
      override place(kept: Kept) {
        const { meta } = kept;
        const membership = { ...meta.membership, learners: [] };
        super.place(
          meta.last.index > 2 ** 32 ? { ...kept, meta: { ...meta, membership } } : kept,
        );
      }
    },
  },
  {
    what: "opens the one whose index comes last as text",
    breaks: "the newest of several is opened",
    Store: class extends KeptSnapshotStore {
      override newestFirst() {
        return [...this.keep.held].sort((one, other) =>
          String(one.meta.last.index) < String(other.meta.last.index) ? 1 : -1
        );
      }
      // What goes by the right order is not this one's mistake.
      override purgeNow(keep: number) {
        const good = new KeptSnapshotStore(this.keep);
        good.purgeNow(keep);
      }
    },
  },
  {
    what: "lists in the order of the alphabet",
    breaks: "list names all of them, newest first",
    Store: class extends KeptSnapshotStore {
      override async list() {
        const metas = await super.list();
        return metas.sort((one, other) =>
          String(one.last.index) < String(other.last.index) ? 1 : -1
        );
      }
    },
  },
  {
    what: "shows a snapshot from its first chunk on",
    breaks: "until a snapshot is whole, the one before is opened",
    Store: class extends KeptSnapshotStore {
      override async collect(iterator: AsyncIterator<Uint8Array>, collecting: Collecting) {
        const { meta, parts } = collecting;
        if (meta.last.index !== 20) {
          return await super.collect(iterator, collecting);
        }
        await super.collect(
          {
            next: async () => {
              if (parts.length > 0) {
                this.place({ meta, bytes: joined(parts), isDamaged: false });
              }
              return await iterator.next();
            },
          },
          collecting,
        );
      }
    },
  },
  {
    what: "gathers all publishes in one buffer",
    breaks: "publishes that overlap do not mix",
    Store: class extends KeptSnapshotStore {
      #underWay = 0;
      #parts: Uint8Array[] = [];
      override publish(
        meta: SnapshotMeta,
        chunks: AsyncIterable<Uint8Array>,
        options?: PublishOptions,
      ) {
        const before = this.queue;
        this.queue = Promise.resolve();
        const result = super.publish(meta, chunks, options);
        this.queue = Promise.all([before, result.catch(() => {})]);
        return result;
      }
      override async collect(iterator: AsyncIterator<Uint8Array>, collecting: Collecting) {
        if (this.#underWay === 0) {
          this.#parts = [];
        }
        this.#underWay += 1;
        try {
          await super.collect(iterator, { ...collecting, parts: this.#parts });
          collecting.parts.push(...this.#parts);
        } finally {
          this.#underWay -= 1;
        }
      }
    },
  },
  {
    what: "keeps the first of two for the same entry",
    breaks: "a snapshot that is published again is replaced",
    Store: class extends KeptSnapshotStore {
      override place(kept: Kept) {
        const { index } = kept.meta.last;
        const isThere = this.keep.held.some(({ meta, isDamaged }) =>
          meta.last.index === index && !isDamaged
        );
        if (!isThere) {
          super.place(kept);
        }
      }
    },
  },
  {
    what: "does not copy chunks",
    breaks: "the bytes of a chunk are the caller's when the next one is asked for",
    Store: class extends KeptSnapshotStore {
      override async collect(
        iterator: AsyncIterator<Uint8Array>,
        { signal, parts }: Collecting,
      ) {
        let result = await this.next(iterator, signal).catch(returning(iterator));
        while (result.done !== true) {
          parts.push(result.value);
          result = await this.next(iterator, signal).catch(returning(iterator));
        }
      }
    },
  },
  {
    what: "asks a simple stream for the next chunk before it has the one before",
    breaks: "chunks are asked for one at a time",
    Store: class extends KeptSnapshotStore {
      override async collect(iterator: AsyncIterator<Uint8Array>, collecting: Collecting) {
        // Others would fill their buffers too early, which is another requirement.
        if (iterator.return !== undefined) {
          return await super.collect(iterator, collecting);
        }
        let ahead: Promise<IteratorResult<Uint8Array>> | null = null;
        await super.collect({
          next: async () => {
            const present: Promise<IteratorResult<Uint8Array>> = ahead ?? iterator.next();
            ahead = iterator.next();
            ahead.catch(() => {});
            return await present;
          },
        }, collecting);
      }
    },
  },
  {
    what: "wraps the error of the stream",
    breaks: "a publish whose stream fails rejects with the stream's error",
    Store: class extends KeptSnapshotStore {
      override giveUp(_meta: SnapshotMeta, _bytes: Uint8Array, error: unknown) {
        throw String(error).includes("source")
          ? new Error("publish failed", { cause: error })
          : error;
      }
    },
  },
  {
    what: "keeps what came before the stream failed",
    breaks: "a publish whose stream fails leaves nothing",
    Store: class extends KeptSnapshotStore {
      override giveUp(meta: SnapshotMeta, bytes: Uint8Array, error: unknown) {
        if (meta.last.index === 21) {
          this.place({ meta, bytes, isDamaged: false });
        }
        throw error;
      }
    },
  },
  {
    what: "heeds an abort only after the next chunk",
    breaks: "a publish that is aborted rejects with the signal's reason, at once",
    Store: class extends KeptSnapshotStore {
      override async next(iterator: AsyncIterator<Uint8Array>, signal: AbortSignal | undefined) {
        const result = await iterator.next();
        signal?.throwIfAborted();
        return result;
      }
    },
  },
  {
    what: "keeps what came before the abort",
    breaks: "a publish that is aborted leaves nothing",
    Store: class extends KeptSnapshotStore {
      override giveUp(meta: SnapshotMeta, bytes: Uint8Array, error: unknown) {
        if (meta.last.index === 22) {
          this.place({ meta, bytes, isDamaged: false });
        }
        throw error;
      }
    },
  },
  {
    what: "reads a stream that nobody wants",
    breaks: "a publish that was aborted before it began does not begin",
    Store: class extends KeptSnapshotStore {
      override async publish(
        meta: SnapshotMeta,
        chunks: AsyncIterable<Uint8Array>,
        options: PublishOptions = {},
      ) {
        if (options.signal?.aborted === true) {
          for await (const _chunk of chunks) {
            // Nobody wants it.
          }
        }
        await super.publish(meta, chunks, options);
      }
    },
  },
  {
    what: "leaves a stream standing",
    breaks: "a stream that is given up is returned from",
    Store: class extends KeptSnapshotStore {
      override async collect(iterator: AsyncIterator<Uint8Array>, collecting: Collecting) {
        await super.collect({ next: () => iterator.next() }, collecting);
      }
    },
  },
  {
    what: "stumbles over what a failed publish left",
    breaks: "what failed can be published again",
    Store: class extends KeptSnapshotStore {
      readonly #left = new Set<number>();
      override giveUp(meta: SnapshotMeta, _bytes: Uint8Array, error: unknown) {
        this.#left.add(meta.last.index);
        throw error;
      }
      override place(kept: Kept) {
        if (this.#left.has(kept.meta.last.index)) {
          throw new Error("EEXIST");
        }
        super.place(kept);
      }
    },
  },
];

/** Tells the stream, as is its due, and fails. */
function returning(iterator: AsyncIterator<Uint8Array>) {
  return (error: unknown): never => {
    void iterator.return?.();
    throw error;
  };
}
