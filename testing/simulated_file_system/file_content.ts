/** A change of a file's content that is not known to be durable. */
type Change =
  | { readonly type: "write"; readonly bytes: Uint8Array; readonly offset: number }
  | { readonly type: "truncate"; readonly sizeBytes: number };

/** How the changes of a file that were not durable come out of a power cut. */
export interface Survival {
  /** How many of the oldest changes survive whole. */
  readonly whole: number;
  /** How many bytes of the next one survive, if it is a write. */
  readonly tornBytes: number;
}

/**
 * Content of a file, as programs see it and as a power cut would leave it: the
 * durable bytes, and on top of them, in order, the changes that are not.
 */
export class FileContent {
  #current = new GrowingBytes();
  #durable = new GrowingBytes();
  #changes: Change[] = [];

  get size(): number {
    return this.#current.size;
  }

  /** Changes that are not durable, oldest first, by the bytes that each writes. */
  get unsynced(): readonly number[] {
    return this.#changes.map((change) => change.type === "write" ? change.bytes.length : 0);
  }

  read(target: Uint8Array, offset: number): number {
    return this.#current.read(target, offset);
  }

  /** Writes a copy of `bytes`. Returns what makes exactly this change durable. */
  write(bytes: Uint8Array, offset: number): () => void {
    return this.#change({ type: "write", bytes: bytes.slice(), offset });
  }

  truncate(sizeBytes: number): () => void {
    return this.#change({ type: "truncate", sizeBytes });
  }

  /** Returns what makes all changes up to now durable. */
  sync(): () => void {
    const changes = [...this.#changes];
    return () => changes.forEach((change) => this.#settle(change));
  }

  /** What a power cut leaves. */
  afterPowerCut({ whole, tornBytes }: Survival): FileContent {
    const survivor = new FileContent();
    survivor.#durable = this.#durable.copy();
    this.#changes.slice(0, whole).forEach((change) => apply(change, survivor.#durable));
    const torn = this.#changes[whole];
    if (torn?.type === "write") {
      const bytes = torn.bytes.subarray(0, tornBytes);
      apply({ type: "write", bytes, offset: torn.offset }, survivor.#durable);
    }
    survivor.#current = survivor.#durable.copy();
    return survivor;
  }

  #change(change: Change): () => void {
    apply(change, this.#current);
    this.#changes.push(change);
    return () => this.#settle(change);
  }

  /** Makes a change durable, once. */
  #settle(change: Change): void {
    const at = this.#changes.indexOf(change);
    if (at !== -1) {
      this.#changes.splice(at, 1);
      apply(change, this.#durable);
    }
  }
}

function apply(change: Change, bytes: GrowingBytes): void {
  if (change.type === "truncate") {
    bytes.resize(change.sizeBytes);
  } else if (change.bytes.length > 0) {
    bytes.write(change.bytes, change.offset);
  }
}

/** Bytes with room to grow; what was never written reads as zeros. */
class GrowingBytes {
  #bytes = new Uint8Array(0);
  size = 0;

  read(target: Uint8Array, offset: number): number {
    const end = Math.min(this.size, offset + target.length);
    if (end <= offset) {
      return 0;
    }
    target.set(this.#bytes.subarray(offset, end));
    return end - offset;
  }

  write(bytes: Uint8Array, offset: number): void {
    this.resize(Math.max(this.size, offset + bytes.length));
    this.#bytes.set(bytes, offset);
  }

  resize(size: number): void {
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(size, Math.min(2 * this.#bytes.length, size + 65_536)));
      grown.set(this.#bytes.subarray(0, this.size));
      this.#bytes = grown;
    } else if (size < this.size) {
      this.#bytes.fill(0, size, this.size);
    }
    this.size = size;
  }

  copy(): GrowingBytes {
    const copy = new GrowingBytes();
    copy.#bytes = this.#bytes.slice(0, this.size);
    copy.size = this.size;
    return copy;
  }
}
