import {
  type AppendBatch,
  CompactedError,
  type CompactionMarker,
  type Entry,
  type EntryRange,
  type HardState,
  invariant,
  type LogState,
  type LogStore,
} from "../../raft/mod.ts";
import { StorageClosedError, StorageFailedError } from "../errors.ts";
import type { FileLock } from "../file_system.ts";
import { joinPath } from "../join_path.ts";
import { SerialQueue } from "../serial_queue.ts";
import { EntryReader } from "./entry_reader.ts";
import { type FrameContent, FrameEncoder } from "./frame_encoder.ts";
import { LogIndex } from "./log_index.ts";
import { replay, type Replayed } from "./replay.ts";
import { SegmentDirectory } from "./segment_directory.ts";
import type { SegmentWriter } from "./segment_writer.ts";
import type { WalLogStoreOptions } from "./wal_options.ts";
import { WatermarkTimer } from "./watermark_timer.ts";

const NOTHING: FrameContent = { hardState: null, marker: null, dropAll: false, entries: [] };

/** A raft log in files. See the header of the module. */
export class WalLogStore implements LogStore {
  readonly #options: WalLogStoreOptions;
  readonly #encoder = new FrameEncoder();
  readonly #reader: EntryReader;
  readonly #segments: SegmentDirectory;
  readonly #timer: WatermarkTimer;
  readonly #queue = new SerialQueue();
  #index = new LogIndex();
  #writer: SegmentWriter | null = null;
  #lock: FileLock | null = null;
  #failure: StorageFailedError | null = null;

  /** @throws {RangeError} if a segment cannot have that size. */
  constructor(options: WalLogStoreOptions) {
    const { fileSystem, directory, watermarkDelayMs, setTimer } = options;
    this.#options = options;
    this.#reader = new EntryReader(fileSystem, directory);
    this.#segments = new SegmentDirectory(options);
    this.#timer = new WatermarkTimer({
      ...(watermarkDelayMs === undefined ? {} : { delayMs: watermarkDelayMs }),
      ...(setTimer === undefined ? {} : { setTimer }),
      // A failure is kept and told to the next call.
      confirm: () => void this.#serially((writer) => this.#writeWatermark(writer)).catch(() => {}),
    });
  }

  /**
   * Reads the log, cuts a half-written end, and takes the lock of the directory.
   * Where something was cut, now or earlier, and a core has not cleared it since,
   * the hard state says so by `isSuspect`.
   *
   * @throws {LockedError} if another process, or this one, has it open.
   * @throws {WalCorruptError} if something that was durable is missing or does not check.
   * @throws {WalVersionError} if a later release wrote it.
   * @throws {WalIdentityError} if it belongs to another owner.
   */
  async open(): Promise<LogState> {
    invariant(this.#lock === null, "a log store is opened once");
    const { fileSystem, directory } = this.#options;
    await fileSystem.createDirectory(directory);
    this.#lock = await fileSystem.lock(joinPath(directory, "lock"));
    try {
      return await this.#open();
    } catch (error) {
      // What kept it from opening is what is to be told.
      await this.#release().catch(() => {});
      throw error;
    }
  }

  async entries(range: EntryRange): Promise<Entry[]> {
    this.#assertUsable();
    const { marker, frames } = this.#index;
    if (range.low <= marker.index) {
      throw new CompactedError(range.low, marker.index);
    }
    return await this.#reader.read(frames.covering(range), range);
  }

  append(batch: AppendBatch): Promise<void> {
    return this.#serially((writer) => this.#append(writer, batch));
  }

  compact(marker: CompactionMarker): Promise<void> {
    return this.#serially((writer) => this.#compact(writer, marker));
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    // Not before: what was under way has set it.
    this.#timer.stop();
    try {
      if (this.#writer !== null && this.#failure === null && this.#timer.isDue) {
        await this.#serially((writer) => this.#writeWatermark(writer));
      }
    } finally {
      await this.#release();
    }
  }

  async #open(): Promise<LogState> {
    const { fileSystem, directory, identity = "" } = this.#options;
    await this.#segments.find();
    const { sequences } = this.#segments;
    if (sequences.length === 0) {
      this.#writer = await this.#begin(1, { frameBytes: 0, previousCrc: 0 });
      return this.#state([]);
    }
    const replayed = await replay({ fileSystem, directory, identity, sequences });
    this.#index = replayed.index;
    await this.#segments.makeDurable(replayed);
    this.#writer = await this.#segments.openWriter(replayed);
    if (replayed.tornBytes > 0) {
      await this.#cut(this.#writer, replayed);
    }
    await this.#removeSegments();
    return this.#state(replayed.membershipEntries);
  }

  #state(membershipEntries: readonly Entry[]): LogState {
    const { hardState, marker, lastIndex, terms } = this.#index;
    return { hardState, marker, lastIndex, terms: [...terms.runs], membershipEntries };
  }

  /**
   * Writes into the place of a half-written end that the log is suspect, and
   * zeros over what is left behind that. In this order: as long as the word is not
   * durable, the garbage is still there to be found.
   */
  async #cut(writer: SegmentWriter, replayed: Replayed): Promise<void> {
    const { path, offset, tornBytes } = replayed;
    const hardState = { ...this.#index.hardState, isSuspect: true };
    // A new segment, should one be needed, says it in its header.
    this.#index.hardState = hardState;
    await this.#write(writer, { ...NOTHING, hardState });
    await this.#segments.cut(replayed, this.#writer === writer ? writer.offset : offset);
    writer.cutBehind();
    this.#options.onRepair?.({ file: path, offset, bytes: tornBytes });
  }

  async #append(writer: SegmentWriter, { hardState, entries }: AppendBatch): Promise<void> {
    if (hardState === null && entries.length === 0) {
      return;
    }
    this.#assertFits(entries);
    const { term } = this.#index.hardState;
    invariant(
      hardState === null || hardState.term >= term,
      "terms never go back",
      term,
      hardState?.term,
    );
    const isPromise = (hardState !== null && changesPromise(this.#index.hardState, hardState)) ||
      entries.some(({ kind }) => kind === "membership");
    const content = { ...NOTHING, hardState, entries };
    const { sequence, offset } = await this.#write(writer, content, { isPromise });
    const [first] = entries;
    if (first !== undefined) {
      const { length, dataBytes } = this.#encoder;
      const { index: firstIndex } = first;
      const entryCount = entries.length;
      this.#index.appendFrame({ sequence, offset, length, firstIndex, entryCount, dataBytes });
      for (const { term, index } of entries) {
        this.#index.appendTerm(index, term);
      }
    }
    this.#index.hardState = hardState ?? this.#index.hardState;
    await this.#confirm({ isPromise });
  }

  async #compact(writer: SegmentWriter, marker: CompactionMarker): Promise<void> {
    if (marker.index <= this.#index.marker.index) {
      return;
    }
    const dropAll = this.#index.contradicts(marker);
    await this.#write(writer, { ...NOTHING, marker, dropAll }, { isPromise: true });
    this.#index.compact(marker, dropAll);
    await this.#confirm({ isPromise: true });
    await this.#poisoning(() => this.#removeSegments());
  }

  /**
   * A member that is confirmed has its entries back, but nobody can tell it how it
   * voted, nor for whom it must not vote again; who elects it depends on the
   * memberships that it knows; and where its log begins, on the marker. All of them
   * are rare: damage to such a promise is to be told from a write that was torn, at
   * the price of another frame, in a sector of its own.
   */
  async #confirm({ isPromise }: { readonly isPromise: boolean }): Promise<void> {
    if (isPromise) {
      await this.#writeWatermark(this.#assertUsable());
    } else {
      this.#timer.onAppended();
    }
  }

  /** Writes a frame, one with a promise to the end of its sector, and returns where it is. */
  async #write(
    writer: SegmentWriter,
    content: FrameContent,
    { isPromise }: { readonly isPromise: boolean } = { isPromise: false },
  ): Promise<{ readonly sequence: number; readonly offset: number }> {
    const encoder = this.#encoder;
    const frameBytes = encoder.encode(content);
    return await this.#poisoning(async () => {
      const target = writer.fits(frameBytes) ? writer : await this.#roll(writer, frameBytes);
      if (isPromise) {
        encoder.fill(target.restOfSector(frameBytes));
      }
      const { sequence, offset, headerCrc, crc: previousCrc } = target;
      const frame = encoder.seal({ sequence, offset, previousCrc, headerCrc });
      await target.append(frame, encoder.crc);
      return { sequence, offset };
    });
  }

  /** Goes on in a new segment. */
  async #roll(writer: SegmentWriter, frameBytes: number): Promise<SegmentWriter> {
    await writer.finish();
    const next = await this.#begin(writer.sequence + 1, { frameBytes, previousCrc: writer.crc });
    this.#writer = next;
    await writer.close();
    return next;
  }

  #begin(
    sequence: number,
    { frameBytes, previousCrc }: { readonly frameBytes: number; readonly previousCrc: number },
  ): Promise<SegmentWriter> {
    const { hardState, marker, lastIndex } = this.#index;
    const header = { sequence, previousCrc, firstIndex: lastIndex + 1, hardState, marker };
    return this.#segments.begin(header, frameBytes);
  }

  /** Deletes the segments before the first one with an entry that is held. */
  async #removeSegments(): Promise<void> {
    const kept = this.#index.frames.firstSequence ?? this.#assertUsable().sequence;
    await this.#segments.removeBefore(kept, (sequence) => this.#reader.drop(sequence));
  }

  async #writeWatermark(writer: SegmentWriter): Promise<void> {
    await this.#write(writer, NOTHING);
    this.#timer.onConfirmed();
  }

  #assertFits(entries: readonly Entry[]): void {
    const { marker, frames } = this.#index;
    let expected = entries[0]?.index ?? 0;
    invariant(
      entries.length === 0 || (expected > marker.index && expected <= frames.nextIndex),
      "entries follow those stored",
      expected,
      marker.index,
      frames.nextIndex,
    );
    for (const { index } of entries) {
      invariant(index === expected, "indexes are consecutive", index, expected);
      expected += 1;
    }
  }

  /** Runs writes one after the other. */
  #serially(write: (writer: SegmentWriter) => Promise<void>): Promise<void> {
    return this.#queue.run(() => write(this.#assertUsable()));
  }

  /** Runs what changes the disk. After a failure nobody knows what is there. */
  async #poisoning<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await change();
    } catch (error) {
      this.#failure = new StorageFailedError(this.#options.directory, error);
      throw this.#failure;
    }
  }

  #assertUsable(): SegmentWriter {
    if (this.#failure !== null) {
      throw this.#failure;
    }
    if (this.#writer === null) {
      throw new StorageClosedError(this.#options.directory);
    }
    return this.#writer;
  }

  async #release(): Promise<void> {
    const writer = this.#writer;
    const lock = this.#lock;
    this.#writer = null;
    try {
      await this.#reader.close();
      await writer?.close();
    } finally {
      await lock?.release();
    }
  }
}

/** Whether a hard state says more than that something was committed. */
function changesPromise(before: HardState, after: HardState): boolean {
  return before.term !== after.term || before.vote !== after.vote;
}
