import type { FileErrorCode } from "./file_errors.ts";
import { GrowingBytes } from "./growing_bytes.ts";

/** A change of a file's content. */
export type FileChange =
  | { readonly type: "write"; readonly bytes: Uint8Array; readonly offset: number }
  | { readonly type: "truncate"; readonly sizeBytes: number };

/** Bytes of a write, counted from its beginning: `[start, end)`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What is left of a change that was not durable: all, nothing, or some bytes of a write. */
export type ChangeSurvival = "whole" | "lost" | readonly ByteRange[];

/** A change that was made, in its place among the others. */
interface MadeChange {
  readonly change: FileChange;
  /**
   * Whether it is durable, though one before it may not be; or will never be, as a
   * sync that was to bring it to the disk `failed`, or was answered although it had.
   */
  fate: "pending" | "durable" | "failed" | "lost";
}

/** A sync that has failed; each is an object of its own. */
export interface FailedSync {
  readonly code: FileErrorCode;
}

/** Blocks in which a disk gives out its space. */
export const BLOCK_BYTES = 4_096;

/**
 * Content of a file, as programs see it and as a power cut would leave it: the
 * durable bytes, and on top of them, in order, the changes that are not.
 */
export class FileContent {
  #current = new GrowingBytes();
  #durable = new GrowingBytes();
  /** What came after the last change up to which all are durable. */
  #changes: MadeChange[] = [];
  /** Blocks that were ever written to; a hole has none. */
  #blocks = new Set<number>();
  /** Blocks of which something is durable: the disk's metadata say that they were written. */
  #durableBlocks = new Set<number>();
  #failure: FailedSync | null = null;

  /** The last sync that failed, `null` if none has. */
  get failure(): FailedSync | null {
    return this.#failure;
  }

  get size(): number {
    return this.#current.size;
  }

  /** What the file takes of its disk. */
  get allocatedBytes(): number {
    return this.#blocks.size * BLOCK_BYTES;
  }

  /** Changes that are not durable, oldest first. */
  get unsynced(): readonly FileChange[] {
    return this.#changes.filter(({ fate }) => fate !== "durable").map(({ change }) => change);
  }

  read(target: Uint8Array, offset: number): number {
    return this.#current.read(target, offset);
  }

  /** How many of `length` bytes from `offset` on can be written with so many new blocks. */
  fitting(offset: number, length: number, newBlocks: number): number {
    let left = newBlocks;
    for (let block = Math.floor(offset / BLOCK_BYTES); block * BLOCK_BYTES < offset + length;) {
      left -= this.#blocks.has(block) ? 0 : 1;
      if (left < 0) {
        return Math.max(0, block * BLOCK_BYTES - offset);
      }
      block += 1;
    }
    return length;
  }

  /** Whether something is durable of each block of these bytes. */
  isOverDurable(offset: number, length: number): boolean {
    return blocksOf(length, offset).every((block) => this.#durableBlocks.has(block));
  }

  /**
   * Writes a copy of `bytes`. Returns what makes exactly this change durable; it
   * tells whether that was possible, which it is not after a sync has failed.
   */
  write(bytes: Uint8Array, offset: number): () => boolean {
    blocksOf(bytes.length, offset).forEach((block) => this.#blocks.add(block));
    return this.#change({ type: "write", bytes: bytes.slice(), offset });
  }

  truncate(sizeBytes: number): void {
    if (sizeBytes === this.size) {
      return;
    }
    for (const blocks of [this.#blocks, this.#durableBlocks]) {
      for (const block of [...blocks]) {
        if (block * BLOCK_BYTES >= sizeBytes) {
          blocks.delete(block);
        }
      }
    }
    this.#change({ type: "truncate", sizeBytes });
  }

  /** Returns what makes all changes up to now durable, and tells whether that was possible. */
  sync(): () => boolean {
    const changes = [...this.#changes];
    return () => this.#settle(changes);
  }

  /**
   * A sync has failed: the system takes all changes up to now for written,
   * though they are not, and no later sync brings them to the disk (fsyncgate).
   */
  forget(code: FileErrorCode): void {
    this.#failure = { code };
    this.#dropPending("failed");
  }

  /**
   * Makes what was written over durable blocks durable, and forgets the rest
   * without a word. Returns whether there was no rest.
   */
  syncWithoutMetadata(): boolean {
    this.#settle(
      this.#changes.filter(({ change }) =>
        change.type === "write" && this.isOverDurable(change.offset, change.bytes.length)
      ),
    );
    return this.#dropPending("lost") === 0;
  }

  /** The bits of a byte turn around, on the disk. */
  rot(offset: number, bits: number): void {
    this.#current.flip(offset, bits);
    this.#durable.flip(offset, bits);
  }

  /** What a power cut leaves; `survival` says what of each change, oldest first. */
  afterPowerCut(survival: readonly ChangeSurvival[]): FileContent {
    const survivor = new FileContent();
    survivor.#durable = this.#durable.copy();
    let unsynced = 0;
    for (const { change, fate } of this.#changes) {
      const left = fate === "durable" ? "whole" : survival[unsynced] ?? "lost";
      unsynced += fate === "durable" ? 0 : 1;
      parts(change, left).forEach((part) => apply(part, survivor.#durable));
    }
    survivor.#current = survivor.#durable.copy();
    survivor.#blocks = new Set(this.#blocks);
    survivor.#durableBlocks = new Set(this.#durableBlocks);
    return survivor;
  }

  #change(change: FileChange): () => boolean {
    const made: MadeChange = { change, fate: "pending" };
    apply(change, this.#current);
    this.#changes.push(made);
    return () => this.#settle([made]);
  }

  /** Makes changes durable, unless they were forgotten. Returns whether none has failed. */
  #settle(changes: readonly MadeChange[]): boolean {
    for (const made of changes.filter(({ fate }) => fate === "pending")) {
      made.fate = "durable";
      if (made.change.type === "write") {
        const { bytes, offset } = made.change;
        blocksOf(bytes.length, offset).forEach((block) => this.#durableBlocks.add(block));
      }
    }
    this.#fold();
    return changes.every(({ fate }) => fate !== "failed");
  }

  /** Returns how many there were. */
  #dropPending(fate: "failed" | "lost"): number {
    const pending = this.#changes.filter((made) => made.fate === "pending");
    pending.forEach((made) => made.fate = fate);
    this.#changes = this.#changes.filter((made) => made.fate === "durable");
    this.#fold();
    return pending.length;
  }

  /**
   * Takes over what is durable, in order: a change that is durable before an older
   * one must not be overlaid by that one later.
   */
  #fold(): void {
    for (let [first] = this.#changes; first?.fate === "durable"; [first] = this.#changes) {
      apply(first.change, this.#durable);
      this.#changes.shift();
    }
  }
}

function blocksOf(length: number, offset: number): number[] {
  const first = Math.floor(offset / BLOCK_BYTES);
  const end = Math.ceil((offset + length) / BLOCK_BYTES);
  return Array.from({ length: length === 0 ? 0 : end - first }, (_, at) => first + at);
}

/** What survives of a change, as changes. */
function parts(change: FileChange, survival: ChangeSurvival): FileChange[] {
  if (survival === "whole") {
    return [change];
  }
  if (survival === "lost" || change.type === "truncate") {
    return [];
  }
  return survival.map(({ start, end }) => ({
    type: "write",
    bytes: change.bytes.subarray(start, end),
    offset: change.offset + start,
  }));
}

function apply(change: FileChange, bytes: GrowingBytes): void {
  if (change.type === "truncate") {
    bytes.resize(change.sizeBytes);
  } else if (change.bytes.length > 0) {
    bytes.write(change.bytes, change.offset);
  }
}
