import type { AppendBatch, CompactionMarker } from "../../raft/mod.ts";
import type { BrokenLogStore } from "./broken_log_store.ts";
import { EMPTY_LOG, type KeptLog, KeptLogStore, type LogKeep } from "./kept_log_store.ts";

/** A store that makes some of its writes durable only when it is closed. */
class LateLogStore extends KeptLogStore {
  isLate = false;
  unsynced: KeptLog | null = null;

  isLateAppend(_log: KeptLog, _batch: AppendBatch): boolean {
    return false;
  }

  isLateCompaction(_marker: CompactionMarker): boolean {
    return false;
  }

  override append(batch: AppendBatch): Promise<void> {
    this.isLate = this.isLateAppend(this.log, batch);
    return super.append(batch);
  }

  override compact(marker: CompactionMarker): Promise<void> {
    this.isLate = this.isLateCompaction(marker);
    return super.compact(marker);
  }

  override persist(log: KeptLog): void {
    this.unsynced = this.isLate ? log : null;
    if (!this.isLate) {
      super.persist(log);
    }
  }

  override async close(): Promise<void> {
    if (this.unsynced !== null) {
      super.persist(this.unsynced);
    }
    await super.close();
  }
}

/** A store that makes something durable as soon as it begins to write. */
class EarlyLogStore extends KeptLogStore {
  /** What is durable at first, `null` if that is what was before. */
  early(_before: KeptLog, _after: KeptLog): KeptLog | null {
    return null;
  }

  override async writeSlowly(log: KeptLog): Promise<void> {
    const { durable } = this.keep;
    this.persist(this.early(durable, log) ?? durable);
    await super.writeSlowly(log);
  }
}

/** Whether an append is one that the suite cuts the power in. */
function isCut(before: KeptLog, after: KeptLog): boolean {
  const term = before.entries[0]?.term ?? 0;
  return term % 10 === 0 && after.entries.length === 9 && after.entries[5]?.term === term + 1;
}

/** Stores whose lives end or begin wrongly. */
export const BROKEN_LOG_LIVES: readonly BrokenLogStore[] = [
  {
    what: "closes without waiting for an append",
    breaks: "close finishes an append under way",
    Store: class extends KeptLogStore {
      override async close(): Promise<void> {
        this.writing = Promise.resolve();
        await super.close();
        this.keep.written = this.keep.durable;
      }
    },
  },
  {
    what: "takes appends once it is closed",
    breaks: "a closed store rejects appends",
    Store: class extends KeptLogStore {
      override assertWritable(): void {
        if (this.status !== "closed") {
          super.assertWritable();
        }
      }
    },
  },
  {
    what: "takes compactions once it is closed",
    breaks: "a closed store rejects compactions",
    Store: class extends KeptLogStore {
      override assertCompactable(): void {
        if (this.status !== "closed") {
          super.assertCompactable();
        }
      }
    },
  },
  {
    what: "loses its last entry in its fifth life",
    breaks: "a log goes on over many lives",
    Store: class extends KeptLogStore {
      override async open() {
        const { written, lives } = this.keep;
        if (lives === 4 && written.entries.length === 8 && written.entries[0]?.term === 1) {
          this.keep.written = { ...written, entries: written.entries.slice(0, 7) };
        }
        return await super.open();
      }
    },
  },
  {
    what: "writes single entries when it is closed",
    breaks: "appended entries survive a power cut",
    Store: class extends LateLogStore {
      override isLateAppend(_log: KeptLog, { entries }: AppendBatch): boolean {
        return entries.length === 1;
      }
    },
  },
  {
    what: "writes hard states when it is closed",
    breaks: "an appended hard state survives a power cut",
    Store: class extends LateLogStore {
      override isLateAppend(_log: KeptLog, { entries, hardState }: AppendBatch): boolean {
        return entries.length === 0 && hardState !== null;
      }
    },
  },
  {
    what: "drops entries when it is closed",
    breaks: "what an append has dropped does not come back by a power cut",
    Store: class extends LateLogStore {
      override isLateAppend(log: KeptLog, { entries }: AppendBatch): boolean {
        return log.entries[7]?.kind === "membership" && entries[0]?.index === 5;
      }
    },
  },
  {
    what: "writes its marker when it is closed",
    breaks: "a marker survives a power cut, with what is behind it",
    Store: class extends LateLogStore {
      override isLateCompaction({ index, term }: CompactionMarker): boolean {
        return index === 5 && term === 1;
      }
    },
  },
  {
    what: "begins anew when it is closed",
    breaks: "a log that began anew does not go back by a power cut",
    Store: class extends LateLogStore {
      override isLateCompaction({ index, term }: CompactionMarker): boolean {
        return index === 6 && term === 4;
      }
    },
  },
  {
    what: "loses a part of its first append after a power cut",
    breaks: "a log goes on after a power cut",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const isFirst = this.keep.lives === 2 && batch.entries[0]?.index === 4 &&
          batch.entries.length === 3;
        return super.appended(
          log,
          isFirst ? { ...batch, entries: batch.entries.slice(0, 2) } : batch,
        );
      }
    },
  },
  {
    what: "rewrites all when it appends",
    breaks: "a power cut during an append takes nothing from before it",
    Store: class extends EarlyLogStore {
      override early(before: KeptLog, after: KeptLog): KeptLog | null {
        return isCut(before, after) ? { ...before, entries: before.entries.slice(0, 3) } : null;
      }
    },
  },
  {
    what: "writes new entries before it drops the old",
    breaks: "a power cut during an append leaves a part of the log of before or after it",
    Store: class extends EarlyLogStore {
      override early(before: KeptLog, after: KeptLog): KeptLog | null {
        return isCut(before, after)
          ? { ...before, entries: [...before.entries.slice(0, 6), ...after.entries.slice(6)] }
          : null;
      }
    },
  },
  {
    what: "resolves before an append is written to its end",
    breaks: "a power cut during an append leaves a part of the log of before or after it",
    Store: class extends EarlyLogStore {
      override persist(log: KeptLog): void {
        const isPart = log.entries.length === 9 && isCut(this.log, log);
        super.persist(isPart ? { ...log, entries: log.entries.slice(0, 7) } : log);
      }
    },
  },
  {
    what: "writes term and vote one after the other",
    breaks: "a power cut during an append leaves the hard state of before or after it",
    Store: class extends EarlyLogStore {
      override early(before: KeptLog, after: KeptLog): KeptLog | null {
        const { term } = after.hardState;
        return isCut(before, after)
          ? { ...before, hardState: { ...before.hardState, term } }
          : null;
      }
    },
  },
  {
    what: "drops entries before its marker is written",
    breaks: "a power cut during a compaction leaves the log of before or after it",
    Store: class extends EarlyLogStore {
      override early(before: KeptLog, after: KeptLog): KeptLog | null {
        const end = after.marker.index + after.entries.length;
        return end === 40 && after.marker !== before.marker ? { ...before, entries: [] } : null;
      }
    },
  },
  {
    what: "trusts what it finds to be durable",
    breaks: "what open told survives a power cut, also what a killed process had not synced",
    Store: class extends KeptLogStore {
      override sync(): void {}
    },
  },
  {
    what: "is opened by anybody",
    breaks: "a log that is open is not opened a second time",
    Store: class extends KeptLogStore {
      override lock(): void {
        this.keep.owner ??= this;
      }
    },
  },
  {
    what: "takes the lock away and is refused all the same",
    breaks: "a store goes on after a second one was refused",
    Store: class extends KeptLogStore {
      override lock(): void {
        try {
          super.lock();
        } catch (error) {
          this.keep.owner = null;
          throw error;
        }
      }
    },
  },
  {
    what: "looks for others when it is made, not when it is opened",
    breaks: "a log can be opened by another store once it is closed",
    Store: class extends KeptLogStore {
      readonly isRefused: boolean;
      constructor(keep: LogKeep) {
        super(keep);
        this.isRefused = keep.owner !== null;
      }
      override lock(): void {
        if (this.isRefused) {
          throw new Error("somebody else has it open");
        }
        super.lock();
      }
    },
  },
  {
    what: "says that an append was written that was not",
    breaks: "an append that can not be written is rejected",
    Store: class extends KeptLogStore {
      override async append(batch: AppendBatch): Promise<void> {
        const wasOpen = this.status === "open";
        await super.append(batch).catch((error) => {
          if (!wasOpen || !this.keep.fails) {
            throw error;
          }
        });
      }
    },
  },
  {
    what: "says that a compaction was written that was not",
    breaks: "a compaction that can not be written is rejected",
    Store: class extends KeptLogStore {
      override async compact(marker: CompactionMarker): Promise<void> {
        const wasOpen = this.status === "open";
        await super.compact(marker).catch((error) => {
          if (!wasOpen || !this.keep.fails) {
            throw error;
          }
        });
      }
    },
  },
  {
    what: "appends after a failure",
    breaks: "an append after a failed one is rejected, though it could be written",
    Store: class extends KeptLogStore {
      override assertWritable(): void {
        if (this.status !== "failed") {
          super.assertWritable();
        }
      }
    },
  },
  {
    what: "compacts after a failure",
    breaks: "a compaction after a failed append is rejected",
    Store: class extends KeptLogStore {
      override assertCompactable(): void {
        if (this.status !== "failed") {
          super.assertCompactable();
        }
      }
    },
  },
  {
    what: "reads after a failure",
    breaks: "a read after a failed append is rejected",
    Store: class extends KeptLogStore {
      override assertReadable(): void {
        if (this.status !== "failed") {
          super.assertReadable();
        }
      }
    },
  },
  {
    what: "cleans up after a failure",
    breaks: "what was appended before a failure is there when the log is opened again",
    Store: class extends KeptLogStore {
      override async writeSlowly(log: KeptLog): Promise<void> {
        if (this.keep.fails) {
          this.keep.written = EMPTY_LOG;
        }
        await super.writeSlowly(log);
      }
    },
  },
];
