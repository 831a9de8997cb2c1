import { abandon } from "../abandon.ts";
import { invariant, type SnapshotMeta } from "../../raft/mod.ts";
import { ChunkSource } from "../chunk_source.ts";
import { NoUsableSnapshotError, StorageClosedError, StorageFailedError } from "../errors.ts";
import type { FileLock, FileSystem, OpenFile } from "../file_system.ts";
import { joinPath } from "../join_path.ts";
import { SerialQueue } from "../serial_queue.ts";
import { assertEntryId, assertKeep, isSameEntry, SNAPSHOTS_MAX } from "../snapshot_order.ts";
import type { OpenSnapshot, PublishOptions, SnapshotStore } from "../snapshot_store.ts";
import { CHUNK_BYTES_MAX } from "./chunk_format.ts";
import { SnapshotIdentityError } from "./errors.ts";
import { type HeldSnapshot, SnapshotCatalog } from "./snapshot_catalog.ts";
import { FileDamage, type SnapshotDamage } from "./snapshot_damage.ts";
import { type DecodedHeader, readSnapshotHeader } from "./snapshot_header.ts";
import { entryOf, isTemporaryName, snapshotName, temporaryName } from "./snapshot_name.ts";
import { SnapshotReading } from "./snapshot_reading.ts";
import { SnapshotWriter } from "./snapshot_writer.ts";

/**
 * Large enough that a call to the thread pool costs little beside the bytes,
 * small enough that checking one does not hold up the event loop.
 */
const CHUNK_BYTES = 256 * 1024;

/** What a `FileSnapshotStore` needs. */
export interface FileSnapshotStoreOptions {
  readonly fileSystem: FileSystem;
  /** Holds the snapshots, one file each. Created if it is not there. Other files are left alone. */
  readonly directory: string;
  /**
   * Whose snapshots they are, such as the ids of cluster and member. Written
   * into each, and compared when they are opened. Default: "".
   */
  readonly identity?: string;
  /** How many good ones are kept: a publish purges the others. Default: 5, as etcd's. */
  readonly snapshotsMax?: number;
  /**
   * Bytes of data in one write and in one read at most: about as much is held
   * in memory for each snapshot that is written or read. Default: 256 KiB.
   */
  readonly chunkBytes?: number;
  /** Told of each file that is found to be damaged, once. */
  readonly onDamage?: (damage: SnapshotDamage) => void;
}

/** Snapshots in files. See the header of the module. */
export class FileSnapshotStore implements SnapshotStore {
  readonly #options: FileSnapshotStoreOptions;
  readonly #snapshotsMax: number;
  readonly #chunkBytes: number;
  readonly #queue = new SerialQueue();
  readonly #catalog = new SnapshotCatalog();
  readonly #readings = new Set<SnapshotReading>();
  #lock: FileLock | null = null;
  #isOpen = false;
  #failure: StorageFailedError | null = null;

  constructor(options: FileSnapshotStoreOptions) {
    const { snapshotsMax = SNAPSHOTS_MAX, chunkBytes = CHUNK_BYTES } = options;
    assertKeep(snapshotsMax);
    invariant(
      Number.isSafeInteger(chunkBytes) && chunkBytes > 0 && chunkBytes <= CHUNK_BYTES_MAX,
      "a chunk has a byte and is bounded",
      chunkBytes,
    );
    this.#options = options;
    this.#snapshotsMax = snapshotsMax;
    this.#chunkBytes = chunkBytes;
  }

  /**
   * Takes the lock of the directory, removes what a crash left half done, and
   * reads the headers.
   *
   * @throws {LockedError} if another process, or this one, has it open.
   * @throws {SnapshotVersionError} if a later release wrote one of them.
   * @throws {SnapshotIdentityError} if one of them belongs to another owner.
   */
  async open(): Promise<void> {
    invariant(this.#lock === null, "a snapshot store is opened once");
    const { fileSystem, directory } = this.#options;
    await fileSystem.createDirectory(directory);
    this.#lock = await fileSystem.lock(joinPath(directory, "lock"));
    try {
      await this.#findSnapshots();
      // A process that was killed between a rename and its sync has left a name
      // that every process sees and a power cut would take. Whoever is told of
      // the snapshot may compact the log before it, so it must be there to stay.
      await fileSystem.syncDirectory(directory);
    } catch (error) {
      await this.#release();
      throw error;
    }
    this.#isOpen = true;
  }

  publish(
    meta: SnapshotMeta,
    chunks: AsyncIterable<Uint8Array>,
    { signal }: PublishOptions = {},
  ): Promise<void> {
    const source = new ChunkSource(chunks, signal);
    return this.#queue.run(async () => {
      try {
        this.#assertUsable();
        assertEntryId(meta.last);
        source.throwIfAborted();
        await this.#publish(meta, source);
      } finally {
        source.release();
      }
    });
  }

  async list(): Promise<SnapshotMeta[]> {
    this.#assertUsable();
    return await Promise.resolve(this.#catalog.good.flatMap(({ meta }) => meta ?? []));
  }

  async openNewest(): Promise<OpenSnapshot | null> {
    for (;;) {
      this.#assertUsable();
      const [newest] = this.#catalog.good;
      if (newest === undefined) {
        return this.#nothingGood();
      }
      const reading = await this.#openWhole(newest);
      if (reading !== null) {
        return reading;
      }
      // It was damaged, or purged in this moment: by now there is another newest one.
    }
  }

  purge(keep: number): Promise<void> {
    return this.#queue.run(async () => {
      this.#assertUsable();
      assertKeep(keep);
      await this.#poisoning(() => this.#remove(this.#catalog.superfluous(keep)));
    });
  }

  close(): Promise<void> {
    return this.#queue.run(async () => {
      this.#isOpen = false;
      await Promise.all([...this.#readings].map((reading) => reading.close()));
      await this.#release();
    });
  }

  async #findSnapshots(): Promise<void> {
    const { fileSystem, directory } = this.#options;
    for (const name of await fileSystem.list(directory)) {
      const last = entryOf(name);
      if (isTemporaryName(name)) {
        await fileSystem.remove(joinPath(directory, name));
      } else if (last !== null) {
        this.#catalog.add(await this.#inspect(last));
      }
    }
  }

  /** Reads the header alone: checking all of each file would take as long as they are. */
  async #inspect(last: HeldSnapshot["last"]): Promise<HeldSnapshot> {
    const file = await this.#options.fileSystem.open(this.#pathOf(last), { mode: "read" });
    try {
      const { header: { meta } } = await this.#readHeader(file, last);
      return { last, meta, damage: null };
    } catch (error) {
      const held: HeldSnapshot = { last, meta: null, damage: null };
      this.#noteDamage(held, error);
      return held;
    } finally {
      await abandon(file);
    }
  }

  async #readHeader(file: OpenFile, last: HeldSnapshot["last"]): Promise<DecodedHeader> {
    const path = this.#pathOf(last);
    const decoded = await readSnapshotHeader(file, path);
    const { header: { meta, identity: actual } } = decoded;
    const { identity: expected = "" } = this.#options;
    if (actual !== expected) {
      throw new SnapshotIdentityError(path, { expected, actual });
    }
    if (!isSameEntry(meta.last, last)) {
      throw new FileDamage(0, `this is snapshot ${snapshotName(meta.last)}, renamed`);
    }
    return decoded;
  }

  async #publish(meta: SnapshotMeta, source: ChunkSource): Promise<void> {
    const { fileSystem, directory } = this.#options;
    const { last } = meta;
    const temporaryPath = joinPath(directory, temporaryName(last));
    const file = await this.#create(temporaryPath);
    try {
      await this.#write(file, meta, source);
    } catch (error) {
      // Nothing is lost: it has no name yet by which it would be found.
      await abandon(file);
      await this.#poisoning(() => fileSystem.remove(temporaryPath));
      throw error;
    }
    await this.#poisoning(async () => {
      try {
        await file.dataSync();
      } finally {
        await file.close();
      }
      await fileSystem.rename(temporaryPath, this.#pathOf(last));
      await fileSystem.syncDirectory(directory);
      const published: HeldSnapshot = { last, meta, damage: null };
      this.#catalog.add(published);
      // It stays even if it is not among the newest: they may be damaged and nobody know it yet.
      const superfluous = this.#catalog.superfluous(this.#snapshotsMax);
      await this.#remove(superfluous.filter((held) => held !== published));
    });
  }

  async #create(temporaryPath: string): Promise<OpenFile> {
    const { fileSystem } = this.#options;
    try {
      return await fileSystem.open(temporaryPath, { mode: "create" });
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") {
        throw error;
      }
      // An `open` that failed may have created it all the same. Nobody else writes here.
      await fileSystem.remove(temporaryPath);
      return await fileSystem.open(temporaryPath, { mode: "create" });
    }
  }

  async #write(file: OpenFile, meta: SnapshotMeta, source: ChunkSource): Promise<void> {
    const { identity = "" } = this.#options;
    const writer = new SnapshotWriter(file, this.#chunkBytes);
    await writer.begin({ meta, identity });
    for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) {
      await writer.write(chunk);
    }
    await writer.end();
    source.throwIfAborted();
  }

  /** Opens a snapshot and checks all of it; `null` if it is damaged or was purged. */
  async #openWhole(held: HeldSnapshot): Promise<SnapshotReading | null> {
    let file: OpenFile;
    try {
      file = await this.#options.fileSystem.open(this.#pathOf(held.last), { mode: "read" });
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") {
        throw error;
      }
      this.#noteDamage(held, new FileDamage(0, "the file is missing", { cause: error }));
      return null;
    }
    let reading: SnapshotReading | null = null;
    try {
      const decoded = await this.#readHeader(file, held.last);
      reading = this.#reading(held, file, decoded);
      await reading.verify();
      return reading;
    } catch (error) {
      await abandon(reading ?? file);
      this.#noteDamage(held, error);
      return null;
    }
  }

  #reading(held: HeldSnapshot, file: OpenFile, decoded: DecodedHeader): SnapshotReading {
    const reading: SnapshotReading = new SnapshotReading({
      file,
      path: this.#pathOf(held.last),
      decoded,
      passedOver: this.#newerThan(held).map(({ last }) => last),
      onDamage: (damage) => this.#noteDamage(held, damage),
      onClosed: () => this.#readings.delete(reading),
    });
    this.#readings.add(reading);
    return reading;
  }

  #newerThan(held: HeldSnapshot): readonly HeldSnapshot[] {
    const position = this.#catalog.all.indexOf(held);
    return this.#catalog.all.slice(0, Math.max(0, position)).filter(({ damage }) =>
      damage !== null
    );
  }

  #nothingGood(): null {
    const [newest] = this.#catalog.all;
    if (newest === undefined) {
      return null;
    }
    throw new NoUsableSnapshotError(this.#catalog.all.map(({ last }) => last), {
      place: this.#options.directory,
      what: newest.damage ?? "unknown",
    });
  }

  /** Marks a snapshot as damaged and tells it, once. Any other error is thrown again. */
  #noteDamage(held: HeldSnapshot, error: unknown): void {
    if (!(error instanceof FileDamage)) {
      throw error;
    }
    const { last } = held;
    // What was purged or replaced meanwhile is nobody's loss.
    const isCurrent = this.#catalog.has(held) || !this.#isOpen;
    if (held.damage === null && isCurrent) {
      const file = this.#pathOf(last);
      held.damage = `${file} at offset ${error.offset}: ${error.message}`;
      this.#options.onDamage?.({ file, offset: error.offset, what: error.message, last });
    }
  }

  async #remove(superfluous: readonly HeldSnapshot[]): Promise<void> {
    const { fileSystem, directory } = this.#options;
    if (superfluous.length === 0) {
      return;
    }
    for (const held of superfluous) {
      this.#catalog.remove(held);
      await fileSystem.remove(this.#pathOf(held.last));
    }
    await fileSystem.syncDirectory(directory);
  }

  /** Runs what changes the names, or waits for the disk. After a failure nobody knows what is there. */
  async #poisoning<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await change();
    } catch (error) {
      this.#failure = new StorageFailedError(this.#options.directory, error);
      throw this.#failure;
    }
  }

  #pathOf(last: HeldSnapshot["last"]): string {
    return joinPath(this.#options.directory, snapshotName(last));
  }

  #assertUsable(): void {
    if (this.#failure !== null) {
      throw this.#failure;
    }
    if (!this.#isOpen) {
      throw new StorageClosedError(this.#options.directory);
    }
  }

  async #release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = null;
    await lock?.release();
  }
}
