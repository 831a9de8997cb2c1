import { setTimeout } from "node:timers";
import {
  type AppendBatch,
  type Clock,
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
import type { FileLock, FileSystem } from "../file_system.ts";
import { joinPath } from "../join_path.ts";
import { EntryReader } from "./entry_reader.ts";
import { WalCorruptError } from "./errors.ts";
import { FrameEncoder } from "./frame_encoder.ts";
import { LogIndex } from "./log_index.ts";
import { replay, type Replayed } from "./replay.ts";
import { createSegment, isTemporaryName, segmentName, sequenceOf } from "./segment_file.ts";
import { type SegmentEnd, SegmentWriter } from "./segment_writer.ts";

/**
 * Large enough that the few milliseconds which a new segment costs come once
 * in many thousand appends, small enough that compaction frees space in steps
 * that an operator would not call large. etcd's segments have the same size.
 */
const SEGMENT_BYTES = 64 * 1024 * 1024;

/** Few trips for much of the log, and little that is written in vain where the log is short. */
const ZEROS_AHEAD_BYTES = 1024 * 1024;

/** Long enough to cost nothing under load, short enough that little is ever unconfirmed. */
const WATERMARK_DELAY_MS = 10;

/**
 * A half-written end of the log, which was cut. Entries in it may have been
 * acknowledged; a change of term, vote or membership was not.
 */
export interface WalRepair {
  readonly file: string;
  /** Where the log now ends. */
  readonly offset: number;
  /** Length of what was cut. */
  readonly bytes: number;
}

/** What a `WalLogStore` needs. */
export interface WalLogStoreOptions {
  readonly fileSystem: FileSystem;
  /** Holds the segments. Created if it is not there. */
  readonly directory: string;
  /**
   * Whose log it is, such as the ids of cluster and member. Written into the
   * log when it is begun, and compared when it is opened. Default: "".
   */
  readonly identity?: string;
  /** Size of a segment; a larger batch gets a larger one. Default: 64 MiB. */
  readonly segmentBytes?: number;
  /** How far ahead of its frames a segment is filled with zeros. Default: 1 MiB. */
  readonly zerosAheadBytes?: number;
  /** Told when `open` had to cut the end of the log, once the cut is durable. */
  readonly onRepair?: (repair: WalRepair) => void;
  /**
   * After this long without a new append, the last one is confirmed by a
   * watermark, so that damage to it is not taken for a torn write. Default: 10.
   */
  readonly watermarkDelayMs?: number;
  /** Default: the system's timers, which do not keep the process alive. */
  readonly setTimer?: Clock["setTimer"];
}

/** A raft log in files. See the header of the module. */
export class WalLogStore implements LogStore {
  readonly #options: WalLogStoreOptions;
  readonly #encoder = new FrameEncoder();
  readonly #reader: EntryReader;
  #index = new LogIndex();
  #writer: SegmentWriter | null = null;
  #lock: FileLock | null = null;
  /** Sequences of the segments, in order. */
  #sequences: number[] = [];
  /** The write under way and those that wait for it. Never rejects. */
  #queue: Promise<unknown> = Promise.resolve();
  #failure: StorageFailedError | null = null;

  /** Whether the last frame is one that a watermark should still confirm. */
  #unconfirmed = false;
  /** Appends so far, by which the timer sees whether there was one since it was set. */
  #appends = 0;
  #stopTimer: (() => void) | null = null;

  constructor(options: WalLogStoreOptions) {
    this.#options = options;
    this.#reader = new EntryReader(options.fileSystem, options.directory);
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
      await this.#release();
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
    this.#stopTimer?.();
    this.#stopTimer = null;
    await this.#queue;
    const writer = this.#writer;
    if (writer !== null && this.#failure === null && this.#unconfirmed) {
      await this.#writeWatermark(writer);
    }
    await this.#release();
  }

  async #open(): Promise<LogState> {
    const { fileSystem, directory, identity = "" } = this.#options;
    this.#sequences = await this.#findSegments();
    const [first] = this.#sequences;
    if (first === undefined) {
      const end = await this.#create(1, { frameBytes: 0, previousCrc: 0 });
      this.#writer = await this.#openWriter(end);
      return this.#state([]);
    }
    const replayed = await replay({ fileSystem, directory, identity, sequences: this.#sequences });
    this.#index = replayed.index;
    await this.#makeDurable(replayed);
    this.#writer = await this.#openWriter(replayed);
    if (replayed.tornBytes > 0) {
      await this.#cut(this.#writer, replayed);
    }
    await this.#removeSegments(this.#writer);
    return this.#state(replayed.membershipEntries);
  }

  /** Lists the segments and removes what a crash left half made. Other files are not ours. */
  async #findSegments(): Promise<number[]> {
    const { fileSystem, directory } = this.#options;
    const sequences: number[] = [];
    for (const name of await fileSystem.list(directory)) {
      const sequence = sequenceOf(name);
      if (sequence !== null) {
        sequences.push(sequence);
      } else if (isTemporaryName(name)) {
        await fileSystem.remove(joinPath(directory, name));
      }
    }
    for (const [position, sequence] of sequences.entries()) {
      const expected = (sequences[0] ?? 0) + position;
      if (sequence !== expected) {
        const path = joinPath(directory, segmentName(expected));
        throw new WalCorruptError(path, 0, "this segment is missing between others");
      }
    }
    return sequences;
  }

  #state(membershipEntries: readonly Entry[]): LogState {
    const { hardState, marker, lastIndex, terms } = this.#index;
    return { hardState, marker, lastIndex, terms: [...terms.runs], membershipEntries };
  }

  /**
   * Makes durable what was found. A process that was killed in the middle of a
   * write may have left it where every process sees it, but not yet on the disk;
   * one whose write has failed, where no sync brings it to the disk any more,
   * unless it is written again. Each frame was durable before the next was
   * written: this can only be the last.
   */
  async #makeDurable({ path, offset, lastFrameOffset }: Replayed): Promise<void> {
    const { fileSystem, directory } = this.#options;
    const file = await fileSystem.open(path, { mode: "write" });
    try {
      const frame = new Uint8Array(offset - lastFrameOffset);
      if (frame.length > 0) {
        await file.read(frame, lastFrameOffset);
        await file.write(frame, lastFrameOffset);
      }
      await file.dataSync();
    } finally {
      await file.close();
    }
    await fileSystem.syncDirectory(directory);
  }

  /**
   * Writes into the place of a half-written end that the log is suspect, and
   * cuts what is left behind that, so that it reads as zeros again. In this order:
   * as long as the word is not durable, the garbage is still there to be found.
   */
  async #cut(
    writer: SegmentWriter,
    { path, offset, sizeBytes, tornBytes }: Replayed,
  ): Promise<void> {
    const hardState = { ...this.#index.hardState, isSuspect: true };
    // A new segment, should one be needed, says it in its header.
    this.#index.hardState = hardState;
    await this.#write(writer, { hardState, marker: null, dropAll: false, entries: [] });
    const file = await this.#options.fileSystem.open(path, { mode: "write" });
    try {
      writer.cutBehind();
      await file.truncate(this.#writer === writer ? writer.offset : offset);
      await file.truncate(sizeBytes);
      await file.dataSync();
    } finally {
      await file.close();
    }
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
    const { sequence, offset } = await this.#write(writer, {
      hardState,
      marker: null,
      dropAll: false,
      entries,
    });
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
    const isPromise = hardState !== null && changesPromise(this.#index.hardState, hardState);
    this.#index.hardState = hardState ?? this.#index.hardState;
    this.#appends += 1;
    if (isPromise || entries.some(({ kind }) => kind === "membership")) {
      // A member that is confirmed has its entries back, but nobody can tell it how
      // it voted, nor for whom it must not vote again; and who elects it depends
      // on the memberships that it knows. Both are rare: damage to them is to be
      // told from a write that was torn, at the price of another one.
      await this.#writeWatermark(this.#assertUsable());
      return;
    }
    this.#unconfirmed = true;
    this.#armTimer();
  }

  async #compact(writer: SegmentWriter, marker: CompactionMarker): Promise<void> {
    if (marker.index <= this.#index.marker.index) {
      return;
    }
    const dropAll = this.#index.contradicts(marker);
    await this.#write(writer, { hardState: null, marker, dropAll, entries: [] });
    this.#index.compact(marker, dropAll);
    await this.#poisoning(() => this.#removeSegments(this.#writer ?? writer));
  }

  /** Writes a frame and returns where it is. */
  async #write(
    writer: SegmentWriter,
    content: Parameters<FrameEncoder["encode"]>[0],
  ): Promise<{ readonly sequence: number; readonly offset: number }> {
    const encoder = this.#encoder;
    const frameBytes = encoder.encode(content);
    return await this.#poisoning(async () => {
      const target = writer.fits(frameBytes) ? writer : await this.#roll(writer, frameBytes);
      const { sequence, offset, crc: previousCrc } = target;
      const frame = encoder.seal({ sequence, offset, previousCrc });
      await target.append(frame, encoder.crc);
      return { sequence, offset };
    });
  }

  /** Goes on in a new segment. */
  async #roll(writer: SegmentWriter, frameBytes: number): Promise<SegmentWriter> {
    const end = await this.#create(writer.sequence + 1, { frameBytes, previousCrc: writer.crc });
    await writer.close();
    this.#writer = await this.#openWriter(end);
    return this.#writer;
  }

  #openWriter(end: SegmentEnd): Promise<SegmentWriter> {
    const { fileSystem, zerosAheadBytes = ZEROS_AHEAD_BYTES } = this.#options;
    return SegmentWriter.open(fileSystem, end, zerosAheadBytes);
  }

  async #create(
    sequence: number,
    { frameBytes, previousCrc }: { readonly frameBytes: number; readonly previousCrc: number },
  ): Promise<SegmentEnd> {
    const {
      fileSystem,
      directory,
      identity = "",
      segmentBytes = SEGMENT_BYTES,
      zerosAheadBytes: aheadBytes = ZEROS_AHEAD_BYTES,
    } = this.#options;
    const { hardState, marker, lastIndex } = this.#index;
    const firstIndex = lastIndex + 1;
    const header = { sequence, previousCrc, firstIndex, identity, hardState, marker };
    const end = await createSegment(fileSystem, {
      directory,
      segmentBytes,
      aheadBytes,
      frameBytes,
      header,
    });
    this.#sequences.push(sequence);
    return end;
  }

  /**
   * Deletes the segments before the first one with an entry that is held. Each
   * removal is durable before the next one: a crash never leaves a gap.
   */
  async #removeSegments(writer: SegmentWriter): Promise<void> {
    const { fileSystem, directory } = this.#options;
    const kept = this.#index.frames.firstSequence ?? writer.sequence;
    for (
      let [first] = this.#sequences;
      first !== undefined && first < kept;
      [first] = this.#sequences
    ) {
      await this.#reader.drop(first);
      await fileSystem.remove(joinPath(directory, segmentName(first)));
      await fileSystem.syncDirectory(directory);
      this.#sequences.shift();
    }
  }

  async #writeWatermark(writer: SegmentWriter): Promise<void> {
    await this.#write(writer, { hardState: null, marker: null, dropAll: false, entries: [] });
    this.#unconfirmed = false;
  }

  /** One timer at a time: setting one anew for each append would cost more than it tells. */
  #armTimer(): void {
    if (this.#stopTimer !== null) {
      return;
    }
    const { setTimer = systemTimer, watermarkDelayMs = WATERMARK_DELAY_MS } = this.#options;
    const appends = this.#appends;
    this.#stopTimer = setTimer(watermarkDelayMs, () => {
      this.#stopTimer = null;
      if (this.#appends !== appends) {
        this.#armTimer();
      } else if (this.#unconfirmed && this.#failure === null) {
        // A failure is kept and told to the next call.
        this.#serially((writer) => this.#writeWatermark(writer)).catch(() => {});
      }
    });
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
    const result = this.#queue.then(() => write(this.#assertUsable()));
    this.#queue = result.catch(() => {});
    return result;
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
    await this.#reader.close();
    await writer?.close();
    await lock?.release();
  }
}

/** Whether a hard state says more than that something was committed. */
function changesPromise(before: HardState, after: HardState): boolean {
  return before.term !== after.term || before.vote !== after.vote;
}

function systemTimer(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}
