import type { BackendOperation, BackendRecord, BackendScan } from "../../storage/mod.ts";
import type { BrokenBackend } from "./broken_backend.ts";
import { KeptBackend, type KeptData, KeptView, NO_DATA, textIn } from "./kept_backend.ts";

/** Backends that write or pin wrongly, or tell a wrong size. */
export const BROKEN_BACKEND_WRITES: readonly BrokenBackend[] = [
  {
    what: "applies a batch from its end",
    breaks: "the operations of a batch are applied in order",
    Kind: class extends KeptBackend {
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        return super.written(data, operations.length === 7 ? operations.toReversed() : operations);
      }
    },
  },
  {
    what: "is emptied by an empty batch",
    breaks: "a batch of no operations changes nothing",
    Kind: class extends KeptBackend {
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        return operations.length === 0 ? NO_DATA : super.written(data, operations);
      }
    },
  },
  {
    what: "throws when what is deleted is not there",
    breaks: "a key that is not there can be deleted",
    Kind: class extends KeptBackend {
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        if (operations.some(({ key, value }) => value === null && key[0] === 0xff)) {
          throw new Error("not found");
        }
        return super.written(data, operations);
      }
    },
  },
  {
    what: "looks at 1,000 bytes of a key",
    breaks: "the longest key is kept",
    Kind: class extends KeptBackend {
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        return super.written(
          data,
          operations.map((one) => ({ ...one, key: one.key.subarray(0, 1_000) })),
        );
      }
    },
  },
  {
    what: "takes empty keys",
    breaks: "a batch with an empty key is refused as a whole",
    Kind: class extends KeptBackend {
      override assertKey(key: Uint8Array): void {
        if (key.length > 0) {
          super.assertKey(key);
        }
      }
    },
  },
  {
    what: "applies a batch up to the key that it refuses",
    breaks: "a batch with a key that is too long is refused as a whole",
    Kind: class extends KeptBackend {
      override write(operations: readonly BackendOperation[]): void {
        const long = operations.findIndex(({ key }) => key.length > 1_024);
        if (long > 0) {
          super.write(operations.slice(0, long));
        }
        super.write(operations);
      }
    },
  },
  {
    what: "takes an empty value for a deletion",
    breaks: "values of any size are kept",
    Kind: class extends KeptBackend {
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        return super.written(
          data,
          operations.map((one) => one.value?.length === 0 ? { ...one, value: null } : one),
        );
      }
    },
  },
  {
    what: "cuts values off at 1 MiB",
    breaks: "values of any size are kept",
    Kind: class extends KeptBackend {
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        return super.written(
          data,
          operations.map((one) => ({ ...one, value: one.value?.subarray(0, 1 << 20) ?? null })),
        );
      }
    },
  },
  {
    what: "takes at most 10,000 operations at once",
    breaks: "a batch of many operations is kept",
    Kind: class extends KeptBackend {
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        return super.written(data, operations.slice(0, 10_000));
      }
    },
  },
  {
    what: "clears the arrays that it is given",
    breaks: "a write leaves alone what it was given",
    Kind: class extends KeptBackend {
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        const copies = operations.map((one) => ({ ...one, value: one.value?.slice() ?? null }));
        if (Object.isFrozen(operations)) {
          operations.forEach(({ value }) => value?.fill(0));
        }
        return super.written(data, copies);
      }
    },
  },
  {
    what: "pins what was flushed alone",
    breaks: "a view shows what was flushed and what was not",
    Kind: class extends KeptBackend {
      override viewOf(data: KeptData): KeptView {
        const isOurs = textIn(data, "a/61") === "flushed" && textIn(data, "a/63") === "fresh";
        return super.viewOf(isOurs ? this.keep.durable : data);
      }
    },
  },
  {
    what: "pins nothing before it was flushed",
    breaks: "a view does not show what is written later",
    Kind: class extends KeptBackend {
      override write(operations: readonly BackendOperation[]): void {
        super.write(operations);
        if (this.keep.durable.size === 0 && textIn(this.data, "a/63") === "two") {
          this.views.forEach((view) => view.data = this.data);
        }
      }
    },
  },
  {
    what: "pins nothing beyond the next flush",
    breaks: "a view stays as it is over flushes",
    Kind: class extends KeptBackend {
      override async flush(): Promise<void> {
        await super.flush();
        if (textIn(this.data, "a/61")?.startsWith("later") === true) {
          this.views.forEach((view) => view.data = this.data);
        }
      }
    },
  },
  {
    what: "ends a walk when somebody writes",
    breaks: "a walk over a view goes on while others write",
    Kind: class extends KeptBackend {
      override *walk(data: KeptData, bucket: string, scan: BackendScan): Iterable<BackendRecord> {
        const { data: before } = this;
        for (const record of super.walk(data, bucket, scan)) {
          if (data.size === 300 && this.data !== before) {
            return;
          }
          yield record;
        }
      }
    },
  },
  {
    what: "has one view for all",
    breaks: "views of different moments each show their own",
    Kind: class extends KeptBackend {
      override viewOf(data: KeptData): KeptView {
        const [first] = this.views;
        const isOurs = textIn(data, "a/61")?.startsWith("moment") === true;
        return super.viewOf(isOurs ? first?.data ?? data : data);
      }
    },
  },
  {
    what: "closes all views with one",
    breaks: "a view that is closed leaves others as they are",
    Kind: class extends KeptBackend {
      override viewOf(data: KeptData): KeptView {
        const isOurs = this.keep.durable.size === 1 && data.size === 1;
        return isOurs ? new JointView(this, data) : super.viewOf(data);
      }
    },
  },
  {
    what: "walks over closed views",
    breaks: "a closed view refuses use",
    Kind: class extends KeptBackend {
      override viewOf(data: KeptData): KeptView {
        return new WalkableView(this, data);
      }
    },
  },
  {
    what: "throws when a view is closed again",
    breaks: "a view may be closed twice",
    Kind: class extends KeptBackend {
      override viewOf(data: KeptData): KeptView {
        return new OnceView(this, data);
      }
    },
  },
  {
    what: "does nothing when a view is disposed of",
    breaks: "a block that holds a view by using closes it at its end",
    Kind: class extends KeptBackend {
      override viewOf(data: KeptData): KeptView {
        return new LastingView(this, data);
      }
    },
  },
  {
    what: "walks over views forwards alone",
    breaks: "a view walks as its backend does",
    Kind: class extends KeptBackend {
      override viewOf(data: KeptData): KeptView {
        return new ForwardView(this, data);
      }
    },
  },
  {
    what: "counts what was flushed alone",
    breaks: "bytes in use grow as soon as records are written",
    Kind: class extends KeptBackend {
      override size() {
        const inUseBytes = this.bytesOf(this.keep.durable);
        return { totalBytes: inUseBytes, inUseBytes };
      }
    },
  },
  {
    what: "counts what was flushed twice",
    breaks: "bytes in use count flushed records once",
    Kind: class extends KeptBackend {
      override size() {
        const inUseBytes = this.bytesOf(this.data) + this.bytesOf(this.keep.durable);
        return { totalBytes: inUseBytes, inUseBytes };
      }
    },
  },
  {
    what: "counts what was ever written",
    breaks: "bytes in use shrink when records are deleted",
    Kind: class extends KeptBackend {
      most = 0;
      override size() {
        return { totalBytes: this.most, inUseBytes: this.most };
      }
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        const next = super.written(data, operations);
        this.most = Math.max(this.most, next.size * 1_008);
        return next;
      }
    },
  },
  {
    what: "tells the size of its file as the total",
    breaks: "the total is never below what is in use",
    Kind: class extends KeptBackend {
      override size() {
        const { inUseBytes } = super.size();
        return { totalBytes: this.bytesOf(this.keep.durable), inUseBytes };
      }
    },
  },
];

class JointView extends KeptView {
  override close(): void {
    this.backend.views.forEach((view) => view.isClosed = true);
  }
}

class WalkableView extends KeptView {
  override scan(bucket: string, scan: BackendScan = {}): Iterable<BackendRecord> {
    return this.backend.walk(this.data, bucket, scan);
  }
}

class OnceView extends KeptView {
  override close(): void {
    if (this.isClosed) {
      throw new Error("closed already");
    }
    super.close();
  }
}

class LastingView extends KeptView {
  override [Symbol.dispose](): void {}
}

class ForwardView extends KeptView {
  override scan(bucket: string, scan: BackendScan = {}): Iterable<BackendRecord> {
    return super.scan(bucket, { ...scan, reverse: false });
  }
}
