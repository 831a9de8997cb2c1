import { setTimeout } from "node:timers";
import { type Clock, invariant } from "../../raft/mod.ts";
import {
  type Backend,
  BACKEND_KEY_BYTES_MAX,
  type BackendOperation,
  type BackendRecord,
  type BackendScan,
  type BackendSize,
  type BackendView,
} from "../backend.ts";
import { StorageClosedError, StorageFailedError } from "../errors.ts";
import { systemTimer } from "../system_timer.ts";
import { CommitTimeoutError, CommitWatch } from "./commit_watch.ts";
import { prepareDatabase } from "./database_file.ts";
import { Layer } from "./layer.ts";
import { LmdbDatabase, type LmdbPages, PINS_MAX } from "./lmdb_database.ts";
import { LmdbReader } from "./lmdb_reader.ts";
import { LmdbView } from "./lmdb_view.ts";

/** etcd's: what a crash makes the log replay, against a sync for each write. */
const COMMIT_INTERVAL_MS = 100;

/** etcd's. Handing over this many records keeps the event loop for 3 to 5 ms. */
const COMMIT_OPERATIONS_MAX = 10_000;

/** See `commitTimeoutMs`. */
const COMMIT_TIMEOUT_MS = 60_000;

/** What an `LmdbBackend` needs. */
export interface LmdbBackendOptions {
  /** The database file. LMDB keeps a lock file beside it, with `-lock` behind the name. */
  readonly path: string;
  /** All buckets that are used. One that is not there yet is created. */
  readonly buckets: readonly string[];
  /** Longest time that a write waits before its commit begins. Default: 100. */
  readonly commitIntervalMs?: number;
  /** Operations after which a commit begins at once. Default: 10,000. */
  readonly commitOperationsMax?: number;
  /**
   * How long a commit may take before the backend is given up, and a
   * millisecond more for each KiB in it. Default: 60,000: a disk that takes
   * longer is as good as gone.
   */
  readonly commitTimeoutMs?: number;
  /** Whether a file that is not there is refused rather than created. Default: false. */
  readonly mustExist?: boolean;
  /** Default: the system's timers. The one before a commit does not keep the process alive. */
  readonly setTimer?: Clock["setTimer"];
  /** Told at once when a commit has failed and the backend is out of use. */
  readonly onFailure?: (error: Error) => void;
}

/** A backend on LMDB. See the header of the module. */
export class LmdbBackend implements Backend {
  readonly #options: LmdbBackendOptions;
  readonly #database: LmdbDatabase;
  /** Takes the writes. */
  #active = new Layer();
  /** Complete layers that are not durable yet, oldest first. The first one is being committed. */
  #sealed: Layer[] = [];
  #isCommitting = false;
  #reader: LmdbReader;
  #stopTimer: (() => void) | null = null;
  /** What the database occupied after the last commit, once somebody has asked. */
  #pages: LmdbPages | null = null;
  readonly #views = new Set<LmdbView>();
  #failure: Error | null = null;

  private constructor(options: LmdbBackendOptions) {
    this.#options = options;
    this.#database = new LmdbDatabase(options.path, options.buckets);
    this.#reader = this.#newReader();
  }

  /**
   * Checks and opens the database, which is created if it is not there. Its
   * directory must be.
   *
   * @throws {BackendDamagedError} if it does not check. It is left as it was.
   * @throws {BackendMissingError} if it is not there and must be.
   * @throws {BackendUnusableError} if the operating system does not let it be opened.
   */
  static async open(options: LmdbBackendOptions): Promise<LmdbBackend> {
    const { path, buckets, mustExist = false } = options;
    await prepareDatabase({ path, buckets, mustExist });
    return new LmdbBackend(options);
  }

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    this.#assertUsable();
    return this.#reader.get(bucket, key);
  }

  scan(bucket: string, scan: BackendScan = {}): Iterable<BackendRecord> {
    this.#assertUsable();
    return this.#reader.scan(bucket, scan);
  }

  write(operations: readonly BackendOperation[]): void {
    this.#assertUsable();
    for (const { bucket, key } of operations) {
      invariant(this.#database.has(bucket), "the bucket was named at open", bucket);
      invariant(
        key.length > 0 && key.length <= BACKEND_KEY_BYTES_MAX,
        "a key has 1 byte or more, and not too many",
        key.length,
      );
    }
    this.#active.write(operations);
    if (this.#active.operations >= (this.#options.commitOperationsMax ?? COMMIT_OPERATIONS_MAX)) {
      this.#seal();
    } else if (this.#active.operations > 0) {
      this.#armTimer();
    }
  }

  view(): BackendView {
    this.#assertUsable();
    invariant(this.#views.size < PINS_MAX, "views are closed after use", this.#views.size);
    // First the layers, then the database: what is committed in between is in both.
    const layers = [this.#active.snapshot(), ...this.#sealed.map(({ tables }) => tables).reverse()];
    const view = new LmdbView(this.#database, layers, (closed) => this.#views.delete(closed));
    this.#views.add(view);
    return view;
  }

  async flush(): Promise<void> {
    this.#assertUsable();
    this.#seal();
    await this.#sealed.at(-1)?.committed;
  }

  /** Pages of the file, and what is not committed yet. */
  size(): BackendSize {
    this.#assertUsable();
    this.#pages ??= this.#database.pages();
    const { totalBytes, inUseBytes } = this.#pages;
    const pending = [this.#active, ...this.#sealed].reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      totalBytes: Math.max(totalBytes, inUseBytes + pending),
      inUseBytes: inUseBytes + pending,
    };
  }

  async close(): Promise<void> {
    if (this.#failure !== null) {
      // LMDB's own thread may be stuck; the process is about to end.
      return;
    }
    await this.flush();
    this.#stopTimer?.();
    this.#failure = new StorageClosedError(this.#options.path);
    // A read after the map is gone would end the process.
    this.#views.forEach((view) => view.close());
    await this.#database.close();
  }

  /** Completes the active layer and begins its commit, or lets it wait its turn. */
  #seal(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    if (this.#active.operations === 0) {
      return;
    }
    this.#sealed.push(this.#active);
    this.#active = new Layer();
    this.#reader = this.#newReader();
    this.#maybeCommit();
  }

  #maybeCommit(): void {
    const [layer] = this.#sealed;
    if (layer === undefined || this.#isCommitting) {
      return;
    }
    // One at a time: were the second already under way when the first one fails, it might succeed.
    this.#isCommitting = true;
    const watch = this.#watchCommit(layer);
    this.#database.commit(layer).then(
      () => {
        watch.end();
        this.#onCommitted(layer);
      },
      (error) => {
        watch.end();
        this.#onFailed(error);
      },
    );
  }

  /**
   * The package never settles a batch whose transaction LMDB refuses to begin
   * (after a failed write of a meta page, or when the lock of the writers is
   * lost), nor one that waits for a writer in another process.
   */
  #watchCommit({ bytes }: Layer): CommitWatch {
    const { setTimer = waitingTimer, commitTimeoutMs = COMMIT_TIMEOUT_MS } = this.#options;
    const timeoutMs = commitTimeoutMs + bytes / 1024;
    return new CommitWatch({
      setTimer,
      timeoutMs,
      onTimeout: () => this.#onFailed(new CommitTimeoutError(timeoutMs)),
    });
  }

  #onCommitted(layer: Layer): void {
    if (this.#failure !== null) {
      return;
    }
    invariant(this.#sealed[0] === layer, "layers are committed in order");
    this.#sealed.shift();
    this.#isCommitting = false;
    this.#pages = null;
    this.#reader = this.#newReader();
    layer.succeed();
    this.#maybeCommit();
  }

  #onFailed(error: unknown): void {
    if (this.#failure !== null) {
      return;
    }
    const failure = new StorageFailedError(this.#options.path, error);
    this.#failure = failure;
    this.#stopTimer?.();
    for (const layer of this.#sealed) {
      layer.fail(failure);
    }
    this.#options.onFailure?.(failure);
  }

  #newReader(): LmdbReader {
    const layers = [this.#active, ...this.#sealed.toReversed()].map(({ tables }) => tables);
    return new LmdbReader(this.#database, layers, null);
  }

  #armTimer(): void {
    const { setTimer = systemTimer, commitIntervalMs = COMMIT_INTERVAL_MS } = this.#options;
    this.#stopTimer ??= setTimer(commitIntervalMs, () => {
      this.#stopTimer = null;
      this.#seal();
    });
  }

  #assertUsable(): void {
    if (this.#failure !== null) {
      throw this.#failure;
    }
  }
}

/** Keeps the process alive: somebody may wait for the commit, and nothing else might. */
function waitingTimer(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
