/**
 * A replicated map in memory, whose state is written down from time to time: a
 * `StateMachine` on a `SnapshotStore`, as a user of the package would write it.
 *
 * ```ts
 * const fileSystem = new NodeFileSystem();
 * const initialVoters = ["a"];
 * const snapshots = new FileSnapshotStore({
 *   fileSystem,
 *   directory: "member-a/snapshots",
 *   onDamage: ({ file, offset, what }) => console.warn("damaged", file, offset, what),
 * });
 * const map = new SnapshotMap({ snapshots, initialVoters });
 * const logStore = new WalLogStore({ fileSystem, directory: "member-a/log" });
 * const node = await RaftNode.start({ logStore, stateMachine: map, initialVoters, ... });
 * await node.propose(SnapshotMap.put("greeting", "hello"));
 * console.log(map.get("greeting")); // hello
 * ```
 *
 * The log is given up only as far as the oldest snapshot that is kept. So when
 * the newest one is damaged, the member starts from the one before it, and the
 * log brings the rest. Where the log no longer reaches back so far, as after a
 * snapshot that came from the leader, `RaftNode.start` refuses, and says what
 * is missing.
 *
 * @module
 */
import {
  decodeMembership,
  type Entry,
  type EntryId,
  type Membership,
  membershipOf,
  type NodeId,
  type SnapshotMeta,
  type StateMachine,
  type StateMachineSnapshot,
  type StateMachineState,
} from "kvorum/raft";
import { type SnapshotStore, StorageFailedError } from "kvorum/storage";

/** What a `SnapshotMap` needs. */
export interface SnapshotMapOptions {
  /** Holds the snapshots. Opened by the map and closed with it. */
  readonly snapshots: SnapshotStore;
  /** What `RaftNode` is given: a snapshot tells the membership, and no entry tells the first one. */
  readonly initialVoters: readonly NodeId[];
  /** A snapshot is written after so many entries. Default: 10,000. */
  readonly snapshotEntries?: number;
  /** Told at the start of newer snapshots that are damaged, and of the one that is used instead. */
  readonly onPassedOver?: (damaged: readonly EntryId[], used: EntryId) => void;
  /** Told when a snapshot could not be written, as on a full disk. It is tried again later. */
  readonly onSnapshotFailed?: (error: unknown) => void;
}

/** Pairs in one piece of a snapshot: some ten KiB, which is what is sent at once. */
const PAIRS_PER_PIECE = 256;

const NOTHING: EntryId = { index: 0, term: 0 };

/** A map of texts. A command's result is the value that the key had before. */
export class SnapshotMap implements StateMachine<string | null> {
  readonly #options: SnapshotMapOptions;
  #pairs = new Map<string, string>();
  #last: EntryId = NOTHING;
  /** `null` until an entry or a snapshot tells of one. */
  #membership: Membership | null = null;
  /** Last entries of the snapshots that are kept, newest first. */
  #kept: readonly EntryId[] = [];
  /** Last entry of which a snapshot was begun. */
  #snapshotIndex = 0;
  /** The snapshot that is being written, or the last one. Never rejects. */
  #publishing: Promise<void> = Promise.resolve();
  #isPublishing = false;
  #failure: StorageFailedError | null = null;

  constructor(options: SnapshotMapOptions) {
    this.#options = options;
  }

  /** The command that sets a key, or removes it. */
  static put(key: string, value: string | null): Uint8Array {
    return new TextEncoder().encode(JSON.stringify([key, value]));
  }

  get(key: string): string | undefined {
    return this.#pairs.get(key);
  }

  /** All pairs, in the order of their keys. */
  pairs(): [key: string, value: string][] {
    return [...this.#pairs].sort(([one], [other]) => one < other ? -1 : 1);
  }

  /** Rejects, and so keeps the member from starting, if all snapshots are damaged. */
  async open(): Promise<StateMachineState> {
    const { snapshots, onPassedOver } = this.#options;
    await snapshots.open();
    const newest = await snapshots.openNewest();
    if (newest !== null) {
      const { last, membership } = newest.meta;
      this.#replace({ last, membership }, await decoded(newest.chunks));
      if (newest.passedOver.length > 0) {
        onPassedOver?.(newest.passedOver, last);
      }
    }
    await this.#noteKept();
    return { appliedIndex: this.#last.index, term: this.#last.term, membership: this.#membership };
  }

  /** Throws, and so stops the member, once nobody knows any more what the disk holds. */
  apply(entries: readonly Entry[]): readonly (string | null)[] {
    if (this.#failure !== null) {
      throw this.#failure;
    }
    const results = entries.map((entry) => this.#apply(entry));
    const { snapshotEntries = 10_000 } = this.#options;
    if (!this.#isPublishing && this.#last.index - this.#snapshotIndex >= snapshotEntries) {
      this.#isPublishing = true;
      this.#publishing = this.#publish();
    }
    return results;
  }

  /**
   * The oldest snapshot that is kept, so that the log reaches back to it. While
   * there is one alone, the log is kept whole: it has no other to fall back on.
   */
  durableIndex(): number {
    return this.#kept.length < 2 ? 0 : this.#kept.at(-1)?.index ?? 0;
  }

  snapshot(): StateMachineSnapshot {
    return { appliedIndex: this.#last.index, chunks: encoded(this.#pairs) };
  }

  /** What came from the leader is kept as a snapshot like any other, before it is used. */
  async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const pairs = await decoded(chunks);
    await this.#options.snapshots.publish(meta, encoded(pairs));
    this.#replace(meta, pairs);
    await this.#noteKept();
  }

  /** Resolves once no snapshot is being written. */
  async idle(): Promise<void> {
    await this.#publishing;
  }

  /** To be called when the node was stopped. */
  async close(): Promise<void> {
    await this.idle();
    await this.#options.snapshots.close();
  }

  #apply({ index, term, kind, data }: Entry): string | null {
    this.#last = { index, term };
    switch (kind) {
      case "noop":
        return null;
      case "membership":
        this.#membership = decodeMembership(data);
        return null;
      case "command": {
        const [key, value] = JSON.parse(new TextDecoder().decode(data));
        const before = this.#pairs.get(key) ?? null;
        if (value === null) {
          this.#pairs.delete(key);
        } else {
          this.#pairs.set(key, value);
        }
        return before;
      }
    }
  }

  #replace({ last, membership }: SnapshotMeta, pairs: Map<string, string>): void {
    this.#pairs = pairs;
    this.#last = last;
    this.#membership = membership;
    this.#snapshotIndex = last.index;
  }

  /** Writes down the state as it is now, while further entries are applied. */
  async #publish(): Promise<void> {
    const { snapshots, initialVoters, onSnapshotFailed } = this.#options;
    const membership = this.#membership ?? membershipOf(initialVoters);
    this.#snapshotIndex = this.#last.index;
    try {
      await snapshots.publish({ last: this.#last, membership }, encoded(this.#pairs));
      await this.#noteKept();
    } catch (error) {
      // Any other error has left everything as it was, and the log is kept for that long.
      this.#failure = error instanceof StorageFailedError ? error : null;
      onSnapshotFailed?.(error);
    }
    this.#isPublishing = false;
  }

  async #noteKept(): Promise<void> {
    this.#kept = (await this.#options.snapshots.list()).map(({ last }) => last);
  }
}

/** The pairs as they are now, as the text of one JSON array, in pieces. */
function encoded(pairs: ReadonlyMap<string, string>): AsyncIterable<Uint8Array> {
  // In memory a copy of the references is cheap; the texts themselves never change.
  const copied = [...pairs].sort(([one], [other]) => one < other ? -1 : 1);
  const encoder = new TextEncoder();
  return (async function* () {
    let separator = "[";
    for (let first = 0; first < copied.length; first += PAIRS_PER_PIECE) {
      const piece = copied.slice(first, first + PAIRS_PER_PIECE);
      yield await Promise.resolve(
        encoder.encode(separator + piece.map((pair) => JSON.stringify(pair)).join(",")),
      );
      separator = ",";
    }
    // Without its end it is no JSON, so a stream that breaks off is not taken for the state.
    yield encoder.encode(copied.length === 0 ? "[]" : "]");
  })();
}

async function decoded(chunks: AsyncIterable<Uint8Array>): Promise<Map<string, string>> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
  }
  return new Map(JSON.parse(text + decoder.decode()));
}
