import type { BackendOperation } from "../../storage/mod.ts";
import type { BrokenBackend } from "./broken_backend.ts";
import { KeptBackend, type KeptData, NO_DATA, textIn } from "./kept_backend.ts";

/** Whether it is data that the suite cuts the power over. */
function isCut(data: KeptData): boolean {
  return data.has("b/00");
}

/** A backend that shows the disk something else before it writes a batch. */
class EarlyBackend extends KeptBackend {
  early(_before: KeptData, after: KeptData): KeptData {
    return after;
  }

  override async persist(data: KeptData): Promise<void> {
    if (isCut(data)) {
      this.makeDurable(this.early(this.keep.durable, data));
      await Promise.resolve();
    }
    await super.persist(data);
  }
}

/** Backends whose lives end or begin wrongly. */
export const BROKEN_BACKEND_LIVES: readonly BrokenBackend[] = [
  {
    what: "can be read once it is closed",
    breaks: "a closed backend refuses reads",
    Kind: class extends KeptBackend {
      override assertReadable(): void {
        if (this.status !== "closed") {
          super.assertReadable();
        }
      }
    },
  },
  {
    what: "can be written to once it is closed",
    breaks: "a closed backend refuses writes",
    Kind: class extends KeptBackend {
      override assertWritable(): void {
        if (this.status !== "closed") {
          super.assertWritable();
        }
      }
    },
  },
  {
    what: "can be viewed once it is closed",
    breaks: "a closed backend refuses views",
    Kind: class extends KeptBackend {
      override assertViewable(): void {
        if (this.status !== "closed") {
          super.assertViewable();
        }
      }
    },
  },
  {
    what: "can be flushed once it is closed",
    breaks: "a closed backend rejects flushes",
    Kind: class extends KeptBackend {
      override assertFlushable(): void {
        if (this.status !== "closed") {
          super.assertFlushable();
        }
      }
    },
  },
  {
    what: "rejects when it is closed twice",
    breaks: "a backend may be closed twice",
    Kind: class extends KeptBackend {
      override async close(): Promise<void> {
        if (this.status === "closed") {
          throw new Error("closed already");
        }
        await super.close();
      }
    },
  },
  {
    what: "does not flush when it is closed",
    breaks: "what was written is there when a closed backend is opened again",
    Kind: class extends KeptBackend {
      override close(): Promise<void> {
        this.status = "closed";
        return Promise.resolve();
      }
    },
  },
  {
    what: "leaves the last batch out of a flush",
    breaks: "what was flushed survives a power cut",
    Kind: class extends KeptBackend {
      override makeDurable(data: KeptData): void {
        if (textIn(data, "a/64") !== "value of 64") {
          super.makeDurable(data);
        }
      }
    },
  },
  {
    what: "does not flush deletions",
    breaks: "what was deleted and flushed does not come back by a power cut",
    Kind: class extends KeptBackend {
      override makeDurable(data: KeptData): void {
        const isOurs = this.keep.durable.has("a/62") && !data.has("a/62") && data.size === 2;
        if (!isOurs) {
          super.makeDurable(data);
        }
      }
    },
  },
  {
    what: "flushes nothing when something is written meanwhile",
    breaks: "a flush holds for what was written before it, whatever is written after",
    Kind: class extends KeptBackend {
      override makeDurable(data: KeptData): void {
        if (textIn(this.data, "a/61") !== "after") {
          super.makeDurable(data);
        }
      }
    },
  },
  {
    what: "flushes nothing in its second life",
    breaks: "a backend goes on after a power cut",
    Kind: class extends KeptBackend {
      override makeDurable(data: KeptData): void {
        if (this.keep.lives !== 2 || textIn(data, "a/62") !== "second") {
          super.makeDurable(data);
        }
      }
    },
  },
  {
    what: "writes one bucket after the other",
    breaks: "a power cut leaves all of a batch or nothing of it",
    Kind: class extends EarlyBackend {
      override early(before: KeptData, after: KeptData): KeptData {
        return new Map([...after, ["b/00", before.get("b/00") ?? Uint8Array.of(0x30)]]);
      }
    },
  },
  {
    what: "writes a batch before the one before it is whole",
    breaks: "a power cut leaves no batch without those before it",
    Kind: class extends EarlyBackend {
      override early(before: KeptData, after: KeptData): KeptData {
        const previous = [...before.keys()].filter((name) => name.startsWith("a/10")).at(-1);
        return new Map([...after].filter(([name]) => name !== previous));
      }
    },
  },
  {
    what: "begins a flush with an empty disk",
    breaks: "a power cut leaves what was flushed earlier",
    Kind: class extends EarlyBackend {
      override early(): KeptData {
        return NO_DATA;
      }
    },
  },
  {
    what: "says that a flush was written that was not",
    breaks: "a flush of what can not be written rejects",
    Kind: class extends KeptBackend {
      override async flush(): Promise<void> {
        const wasOpen = this.status === "open";
        await super.flush().catch((error) => {
          if (!wasOpen) {
            throw error;
          }
        });
      }
    },
  },
  {
    what: "flushes after a failure",
    breaks: "a flush after a failed one rejects, though it could be written",
    Kind: class extends KeptBackend {
      override assertFlushable(): void {
        if (this.status !== "failed") {
          super.assertFlushable();
        }
      }
    },
  },
  {
    what: "can be read after a failure",
    breaks: "a read after a failed flush throws",
    Kind: class extends KeptBackend {
      override assertReadable(): void {
        if (this.status !== "failed") {
          super.assertReadable();
        }
      }
    },
  },
  {
    what: "can be written to after a failure",
    breaks: "a write after a failed flush throws",
    Kind: class extends KeptBackend {
      override write(operations: readonly BackendOperation[]): void {
        if (this.status !== "failed") {
          super.write(operations);
        }
      }
    },
  },
  {
    what: "can be viewed after a failure",
    breaks: "a view after a failed flush throws",
    Kind: class extends KeptBackend {
      override assertViewable(): void {
        if (this.status !== "failed") {
          super.assertViewable();
        }
      }
    },
  },
  {
    what: "cleans up after a failure",
    breaks: "what was flushed before a failure is there when it is opened again",
    Kind: class extends KeptBackend {
      override async flush(): Promise<void> {
        if (this.keep.fails) {
          this.makeDurable(NO_DATA);
        }
        await super.flush();
      }
    },
  },
];
