import type { BackendOperation, BackendRecord, BackendScan } from "../../storage/mod.ts";
import type { BrokenBackend } from "./broken_backend.ts";
import { KeptBackend, type KeptData, textIn } from "./kept_backend.ts";

/** The ten records that most cases of reading are about. */
function isSample(data: KeptData): boolean {
  return data.size === 10 && data.has("a/80") && data.has("a/ffff");
}

class OddBytes extends Uint8Array {}

/** Backends that find the wrong records. */
export const BROKEN_BACKEND_READS: readonly BrokenBackend[] = [
  {
    what: "begins with a record of its own",
    breaks: "a new backend holds nothing",
    Kind: class extends KeptBackend {
      override walk(data: KeptData, bucket: string, scan: BackendScan) {
        return data.size === 0 && bucket === "a" && scan.low === undefined
          ? [[Uint8Array.of(0), Uint8Array.of(1)] as const]
          : super.walk(data, bucket, scan);
      }
    },
  },
  {
    what: "gets the value before the last",
    breaks: "a record can be read as soon as it is written",
    Kind: class extends KeptBackend {
      override get(bucket: string, key: Uint8Array): Uint8Array | undefined {
        const isSecond = this.data.size === 2 && textIn(this.data, "a/61") === "two" &&
          textIn(this.data, "a/62") === "three";
        return isSecond ? new TextEncoder().encode("one") : super.get(bucket, key);
      }
    },
  },
  {
    what: "forgets a deletion",
    breaks: "a record that was deleted is gone",
    Kind: class extends KeptBackend {
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        const isOurs = textIn(data, "a/64") === "fresh" && operations.length === 2;
        return super.written(data, isOurs ? operations.slice(1) : operations);
      }
    },
  },
  {
    what: "has one bucket for all",
    breaks: "buckets are apart",
    Kind: class extends KeptBackend {
      override written(data: KeptData, operations: readonly BackendOperation[]): KeptData {
        return super.written(
          data,
          operations.map((one) => one.key[0] === 0x62 ? { ...one, bucket: "a" } : one),
        );
      }
    },
  },
  {
    what: "walks in another order",
    breaks: "a walk meets records in byte order of their keys",
    Kind: class extends KeptBackend {
      override walk(data: KeptData, bucket: string, scan: BackendScan): Iterable<BackendRecord> {
        const records = [...super.walk(data, bucket, scan)];
        const isWhole = scan.low === undefined && scan.high === undefined && scan.reverse !== true;
        return isWhole && isSample(data)
          ? [...records.slice(0, 7), ...records.slice(7).reverse()]
          : records;
      }
    },
  },
  {
    what: "does not walk backwards",
    breaks: "a walk backwards meets records from the last to the first",
    Kind: class extends KeptBackend {
      override walk(data: KeptData, bucket: string, scan: BackendScan): Iterable<BackendRecord> {
        const isWhole = scan.low === undefined && scan.high === undefined;
        return super.walk(data, bucket, isWhole && isSample(data) ? {} : scan);
      }
    },
  },
  {
    what: "leaves low out",
    breaks: "a walk begins at low, which is part of it",
    Kind: class extends KeptBackend {
      override walk(data: KeptData, bucket: string, scan: BackendScan): Iterable<BackendRecord> {
        const { low, high, reverse } = scan;
        const records = [...super.walk(data, bucket, scan)];
        return low !== undefined && high === undefined && reverse !== true && isSample(data)
          ? records.filter(([key]) => Buffer.compare(key, low) !== 0)
          : records;
      }
    },
  },
  {
    what: "takes high in",
    breaks: "a walk ends before high, which is no part of it",
    Kind: class extends KeptBackend {
      override walk(data: KeptData, bucket: string, scan: BackendScan): Iterable<BackendRecord> {
        const { low, high, reverse } = scan;
        const isOurs = low === undefined && high !== undefined && reverse !== true;
        return super.walk(
          data,
          bucket,
          isOurs && isSample(data) && high.length > 0
            ? { ...scan, high: Uint8Array.of(...high, 0) }
            : scan,
        );
      }
    },
  },
  {
    what: "takes the bounds the other way round when it walks backwards",
    breaks: "a walk backwards has the same bounds",
    Kind: class extends KeptBackend {
      override walk(data: KeptData, bucket: string, scan: BackendScan): Iterable<BackendRecord> {
        const { low, high, reverse } = scan;
        return low !== undefined && high !== undefined && reverse === true && isSample(data) &&
            low.length > 0
          ? super.walk(data, bucket, {
            low: Uint8Array.of(...low, 0),
            high: Uint8Array.of(...high, 0),
            reverse,
          })
          : super.walk(data, bucket, scan);
      }
    },
  },
  {
    what: "throws where low is above high",
    breaks: "bounds that leave nothing between them are walked as such",
    Kind: class extends KeptBackend {
      override walk(data: KeptData, bucket: string, scan: BackendScan): Iterable<BackendRecord> {
        const { low, high } = scan;
        if (low !== undefined && high !== undefined && Buffer.compare(low, high) > 0) {
          throw new RangeError("low is above high");
        }
        return super.walk(data, bucket, scan);
      }
    },
  },
  {
    what: "takes an empty bound for none",
    breaks: "an empty bound lies before all keys",
    Kind: class extends KeptBackend {
      override walk(data: KeptData, bucket: string, scan: BackendScan): Iterable<BackendRecord> {
        const { high, ...rest } = scan;
        return super.walk(data, bucket, high?.length === 0 ? rest : scan);
      }
    },
  },
  {
    what: "waits for walks that were left",
    breaks: "a walk may be left before its end",
    Kind: class extends KeptBackend {
      walks = 0;
      override *walk(data: KeptData, bucket: string, scan: BackendScan): Iterable<BackendRecord> {
        this.walks += isSample(data) ? 1 : 0;
        yield* super.walk(data, bucket, scan);
        this.walks -= isSample(data) ? 1 : 0;
      }
      override assertWritable(): void {
        super.assertWritable();
        if (this.walks > 0) {
          throw new Error("a walk is under way");
        }
      }
    },
  },
  {
    what: "returns arrays of its own class",
    breaks: "keys and values are plain arrays of bytes",
    Kind: class extends KeptBackend {
      override get(bucket: string, key: Uint8Array): Uint8Array | undefined {
        const value = super.get(bucket, key);
        return value === undefined ? undefined : OddBytes.from(value);
      }
    },
  },
  {
    what: "gets values into one buffer",
    breaks: "what was read stays as it is",
    Kind: class extends KeptBackend {
      readonly buffer = new Uint8Array(5_000);
      override find(data: KeptData, bucket: string, key: Uint8Array): Uint8Array | undefined {
        const value = super.find(data, bucket, key);
        if (value?.length !== 5_000) {
          return value;
        }
        this.buffer.set(value);
        return this.buffer;
      }
    },
  },
  {
    what: "shows again what was deleted, once it is flushed",
    breaks: "a flush changes nothing that is read",
    Kind: class extends KeptBackend {
      override async flush(): Promise<void> {
        await super.flush();
        if (this.data.size === 10 && this.data.has("a/6101")) {
          this.data = new Map([...this.data, ["a/80", Uint8Array.of(1)]]);
        }
      }
    },
  },
  {
    what: "forgets large values when it is flushed under a view",
    breaks: "after any history a backend and its views hold what plain maps would hold",
    Kind: class extends KeptBackend {
      override async flush(): Promise<void> {
        await super.flush();
        if (this.views.some(({ isClosed }) => !isClosed)) {
          this.data = new Map([...this.data].filter(([, { length }]) => length < 4_500));
        }
      }
    },
  },
];
