import type {
  Backend,
  BackendOperation,
  BackendRecord,
  BackendScan,
  BackendSize,
  BackendView,
} from "../storage/mod.ts";

/** Which of two places. */
export type Slot = 0 | 1;

/** The name that a bucket has in a slot. In the first one it is its own: nothing tells of slots there. */
export function bucketIn(slot: Slot, bucket: string): string {
  return slot === 0 ? bucket : `${bucket}.${slot}`;
}

/**
 * One of two places for the same buckets in one backend, which it shows as if
 * there were no other. `flush`, `size` and `close` are those of the whole backend.
 */
export class SlotBackend implements Backend {
  readonly #backend: Backend;
  readonly #slot: Slot;

  constructor(backend: Backend, slot: Slot) {
    this.#backend = backend;
    this.#slot = slot;
  }

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    return this.#backend.get(bucketIn(this.#slot, bucket), key);
  }

  scan(bucket: string, scan?: BackendScan): Iterable<BackendRecord> {
    return this.#backend.scan(bucketIn(this.#slot, bucket), scan);
  }

  write(operations: readonly BackendOperation[]): void {
    const slot = this.#slot;
    this.#backend.write(
      operations.map(({ bucket, key, value }) => ({ bucket: bucketIn(slot, bucket), key, value })),
    );
  }

  view(): BackendView {
    return new SlotView(this.#backend.view(), this.#slot);
  }

  flush(): Promise<void> {
    return this.#backend.flush();
  }

  size(): BackendSize {
    return this.#backend.size();
  }

  close(): Promise<void> {
    return this.#backend.close();
  }
}

class SlotView implements BackendView {
  readonly #view: BackendView;
  readonly #slot: Slot;

  constructor(view: BackendView, slot: Slot) {
    this.#view = view;
    this.#slot = slot;
  }

  get(bucket: string, key: Uint8Array): Uint8Array | undefined {
    return this.#view.get(bucketIn(this.#slot, bucket), key);
  }

  scan(bucket: string, scan?: BackendScan): Iterable<BackendRecord> {
    return this.#view.scan(bucketIn(this.#slot, bucket), scan);
  }

  close(): void {
    this.#view.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
