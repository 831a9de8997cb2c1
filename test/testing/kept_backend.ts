import { invariant } from "../../raft/mod.ts";
import {
  type Backend,
  BACKEND_KEY_BYTES_MAX,
  type BackendOperation,
  type BackendRecord,
  type BackendScan,
  type BackendSize,
  type BackendView,
} from "../../storage/mod.ts";
import type { BackendTestbed } from "../../testing/mod.ts";

/** Values by bucket and key in hex, as `a/6162`. Never changed; each write makes another one. */
export type KeptData = ReadonlyMap<string, Uint8Array>;

export const NO_DATA: KeptData = new Map();

/** What survives a backend's life. */
export interface BackendKeep {
  durable: KeptData;
  /** Who has it open. What others flush comes to nothing. */
  owner: KeptBackend | null;
  fails: boolean;
  /** How many backends were opened. */
  lives: number;
}

/**
 * Data on a disk that is an object. A flush makes one batch after the other
 * durable, with a moment between. Its parts are there to be broken by subclasses.
 */
export class KeptBackend implements Backend {
  readonly keep: BackendKeep;
  data: KeptData;
  /** What each batch led to that is not durable yet. */
  pending: KeptData[] = [];
  status: "open" | "failed" | "closed" = "open";
  views: KeptView[] = [];

  constructor(keep: BackendKeep) {
    this.keep = keep;
    this.keep.owner = this;
    this.keep.lives += 1;
    this.data = keep.durable;
  }

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    this.assertReadable();
    return this.find(this.data, bucket, key);
  }

  scan(bucket: string, scan: BackendScan = {}): Iterable<BackendRecord> {
    this.assertReadable();
    return this.walk(this.data, bucket, scan);
  }

  write(operations: readonly BackendOperation[]): void {
    this.assertWritable();
    operations.forEach(({ key }) => this.assertKey(key));
    this.data = this.written(this.data, operations);
    this.pending.push(this.data);
  }

  view(): BackendView {
    this.assertViewable();
    const view = this.viewOf(this.data);
    this.views.push(view);
    return view;
  }

  async flush(): Promise<void> {
    this.assertFlushable();
    const target = this.pending.length;
    for (let batch = 0; batch < target && this.pending.length > 0; batch += 1) {
      if (this.keep.fails) {
        this.status = "failed";
        throw new Error("the flush failed");
      }
      await this.persist(this.pending[0] ?? NO_DATA);
      this.pending.shift();
    }
  }

  size(): BackendSize {
    const inUseBytes = this.bytesOf(this.data);
    return { totalBytes: inUseBytes, inUseBytes };
  }

  async close(): Promise<void> {
    if (this.status === "open") {
      await this.flush();
    }
    this.status = "closed";
  }

  find(data: KeptData, bucket: string, key: Uint8Array): Uint8Array | undefined {
    return data.get(nameOf(bucket, key));
  }

  walk(data: KeptData, bucket: string, scan: BackendScan): Iterable<BackendRecord> {
    const { low, high, reverse = false } = scan;
    const [first, end] = [low, high].map((key) => key === undefined ? null : nameOf(bucket, key));
    const names = [...data.keys()]
      .filter((name) => name.startsWith(`${bucket}/`))
      .filter((name) =>
        (first ?? name) <= name && (end === null || end === undefined || name < end)
      )
      .sort();
    return (reverse ? names.reverse() : names).map((name) => [
      Uint8Array.from(Buffer.from(name.slice(bucket.length + 1), "hex")),
      data.get(name) ?? new Uint8Array(),
    ]);
  }

  written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
    const next = new Map(data);
    for (const { bucket, key, value } of operations) {
      if (value === null) {
        next.delete(nameOf(bucket, key));
      } else {
        next.set(nameOf(bucket, key), value);
      }
    }
    return next;
  }

  viewOf(data: KeptData): KeptView {
    return new KeptView(this, data);
  }

  async persist(data: KeptData): Promise<void> {
    await Promise.resolve();
    this.makeDurable(data);
  }

  makeDurable(data: KeptData): void {
    if (this.keep.owner === this) {
      this.keep.durable = data;
    }
  }

  bytesOf(data: KeptData): number {
    return [...data].reduce((sum, [name, { length }]) => sum + name.length + length, 0);
  }

  assertKey(key: Uint8Array): void {
    invariant(key.length > 0 && key.length <= BACKEND_KEY_BYTES_MAX, "a key has a bounded length");
  }

  assertReadable(): void {
    invariant(this.status === "open", "is open", this.status);
  }

  assertWritable(): void {
    invariant(this.status === "open", "is open", this.status);
  }

  assertViewable(): void {
    invariant(this.status === "open", "is open", this.status);
  }

  assertFlushable(): void {
    invariant(this.status === "open", "is open", this.status);
  }
}

/** The data of one moment. */
export class KeptView implements BackendView {
  readonly backend: KeptBackend;
  data: KeptData;
  isClosed = false;

  constructor(backend: KeptBackend, data: KeptData) {
    this.backend = backend;
    this.data = data;
  }

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    invariant(!this.isClosed, "the view is open");
    return this.backend.find(this.data, bucket, key);
  }

  scan(bucket: string, scan: BackendScan = {}): Iterable<BackendRecord> {
    invariant(!this.isClosed, "the view is open");
    return this.backend.walk(this.data, bucket, scan);
  }

  close(): void {
    this.isClosed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export function nameOf(bucket: string, key: Uint8Array): string {
  return `${bucket}/${Buffer.from(key).toString("hex")}`;
}

/** A value as text, `undefined` for none. */
export function textIn(data: KeptData, name: string): string | undefined {
  const value = data.get(name);
  return value === undefined ? undefined : Buffer.from(value).toString();
}

/** A disk for one case, and backends of one class on it. */
export function keptBackendTestbed(
  Kind: new (keep: BackendKeep) => KeptBackend,
): BackendTestbed {
  const keep: BackendKeep = { durable: NO_DATA, owner: null, fails: false, lives: 0 };
  return {
    open: () => new Kind(keep),
    lose() {
      keep.owner = null;
    },
    failWrites(fail) {
      keep.fails = fail;
    },
    close() {},
  };
}
