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
  /** Whether it is durable, though one before it may not be. */
  isDurable: boolean;
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

  get size(): number {
    return this.#current.size;
  }

  /** What the file takes of its disk. */
  get allocatedBytes(): number {
    return this.#blocks.size * BLOCK_BYTES;
  }

  /** Changes that are not durable, oldest first. */
  get unsynced(): readonly FileChange[] {
    return this.#changes.filter(({ isDurable }) => !isDurable).map(({ change }) => change);
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

  /** Writes a copy of `bytes`. Returns what makes exactly this change durable. */
  write(bytes: Uint8Array, offset: number): () => void {
    for (let at = offset; at < offset + bytes.length; at += BLOCK_BYTES - at % BLOCK_BYTES) {
      this.#blocks.add(Math.floor(at / BLOCK_BYTES));
    }
    return this.#change({ type: "write", bytes: bytes.slice(), offset });
  }

  truncate(sizeBytes: number): () => void {
    for (const block of [...this.#blocks]) {
      if (block * BLOCK_BYTES >= sizeBytes) {
        this.#blocks.delete(block);
      }
    }
    return this.#change({ type: "truncate", sizeBytes });
  }

  /** Returns what makes all changes up to now durable. */
  sync(): () => void {
    const changes = [...this.#changes];
    return () => this.#settle(changes);
  }

  /**
   * A sync has failed: the system takes all changes up to now for written,
   * though they are not, and no later sync brings them to the disk (fsyncgate).
   */
  forget(): void {
    this.#changes = this.#changes.filter(({ isDurable }) => isDurable);
    this.#fold();
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
    for (const { change, isDurable } of this.#changes) {
      const left = isDurable ? "whole" : survival[unsynced] ?? "lost";
      unsynced += isDurable ? 0 : 1;
      parts(change, left).forEach((part) => apply(part, survivor.#durable));
    }
    survivor.#current = survivor.#durable.copy();
    survivor.#blocks = new Set(this.#blocks);
    return survivor;
  }

  #change(change: FileChange): () => void {
    const made = { change, isDurable: false };
    apply(change, this.#current);
    this.#changes.push(made);
    return () => this.#settle([made]);
  }

  /** Makes changes durable, unless they were forgotten. */
  #settle(changes: readonly MadeChange[]): void {
    changes.forEach((made) => made.isDurable = true);
    this.#fold();
  }

  /**
   * Takes over what is durable, in order: a change that is durable before an older
   * one must not be overlaid by that one later.
   */
  #fold(): void {
    for (let [first] = this.#changes; first?.isDurable === true; [first] = this.#changes) {
      apply(first.change, this.#durable);
      this.#changes.shift();
    }
  }
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
