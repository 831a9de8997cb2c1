import type { AppendBatch, Entry, EntryRange } from "../../raft/mod.ts";
import type { BrokenLogStore } from "./broken_log_store.ts";
import { type KeptLog, KeptLogStore } from "./kept_log_store.ts";

/** Whether all entries are commands of 20 bytes, as in most cases. */
function isOrdinary(entries: readonly Entry[]): boolean {
  return entries.every(({ kind, data }) => kind === "command" && data.length === 20);
}

/** Stores that append or compact wrongly. */
export const BROKEN_LOG_WRITES: readonly BrokenLogStore[] = [
  {
    what: "puts a batch before the one that came last",
    breaks: "appended entries are read back in order",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const [first] = batch.entries;
        const isThird = first?.index === 6 && first.term === 2 && batch.entries.length === 2;
        return isThird && log.entries.length === 5
          ? {
            ...log,
            entries: [...log.entries.slice(0, 1), ...batch.entries, ...log.entries.slice(1)],
          }
          : super.appended(log, batch);
      }
    },
  },
  {
    what: "has the last batch in memory alone",
    breaks: "appended entries are there when the log is opened again",
    Store: class extends KeptLogStore {
      override persist(log: KeptLog): void {
        const isSecond = log.entries.length === 10 && log.entries[4]?.term === 2;
        super.persist(isSecond ? { ...log, entries: log.entries.slice(0, 4) } : log);
      }
    },
  },
  {
    what: "drops its entries when a hard state comes alone",
    breaks: "a hard state alone leaves the entries as they were",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const isAlone = batch.entries.length === 0 && batch.hardState !== null;
        return isAlone
          ? { ...super.appended(log, batch), entries: [] }
          : super.appended(log, batch);
      }
    },
  },
  {
    what: "forgets its hard state when entries come alone",
    breaks: "entries alone leave the hard state as it was",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const next = super.appended(log, batch);
        const isAlone = batch.hardState === null && log.hardState.term > 0 &&
          log.entries.length === 0 && batch.entries.length > 0;
        return isAlone ? { ...next, hardState: { term: 0, vote: null, commit: 0 } } : next;
      }
    },
  },
  {
    what: "leaves out the hard state that comes with entries",
    breaks: "one append stores a hard state and entries",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const isFirst = batch.entries.length === 2 && batch.hardState?.term === 4;
        return super.appended(log, isFirst ? { ...batch, hardState: null } : batch);
      }
    },
  },
  {
    what: "takes an append of nothing for an order to drop everything",
    breaks: "an append of nothing changes nothing",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        return batch.hardState === null && batch.entries.length === 0
          ? { ...log, entries: [] }
          : super.appended(log, batch);
      }
    },
  },
  {
    what: "keeps entries that a shorter batch replaces",
    breaks: "an append drops the entries from its first index on",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        const answer = super.read(log, range);
        return log.entries.length === 5 && log.entries[4]?.term === 2
          ? answer.map((entry) => entry.index < 4 ? entry : { ...entry, term: 1 })
          : answer;
      }
    },
  },
  {
    what: "never drops its first entry",
    breaks: "an append may replace all entries",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const next = super.appended(log, batch);
        const [kept] = log.entries;
        return kept !== undefined && batch.entries[0]?.term === 3 && log.entries.length === 5
          ? { ...next, entries: [kept, ...next.entries.slice(1)] }
          : next;
      }
    },
  },
  {
    what: "drops entries in memory alone",
    breaks: "what an append has dropped does not come back",
    Store: class extends KeptLogStore {
      override persist(log: KeptLog): void {
        const { entries } = this.keep.durable;
        const isShorter = log.entries.length === 5 && entries.length === 12 &&
          isOrdinary(entries) &&
          log.entries[4]?.term === 3;
        super.persist(
          isShorter ? { ...log, entries: [...log.entries, ...entries.slice(5)] } : log,
        );
      }
    },
  },
  {
    what: "remembers memberships that were dropped",
    breaks: "open tells no membership that an append has dropped",
    Store: class extends KeptLogStore {
      override stateOf(log: KeptLog) {
        const state = super.stateOf(log);
        const { membershipEntries } = state;
        const [first, last] = membershipEntries;
        const isDropped = first?.index === 1 && last?.index === 4 && last.term === 2;
        return isDropped
          ? { ...state, membershipEntries: [first, { ...first, index: 3 }, last] }
          : state;
      }
    },
  },
  {
    what: "numbers the bytes that it is given",
    breaks: "an append leaves alone what it was given",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        if (Object.isFrozen(batch.entries)) {
          const copies = batch.entries.map((entry) => ({ ...entry, data: entry.data.slice() }));
          batch.entries.forEach(({ data, index }) => data[0] = index);
          return super.appended(log, { ...batch, entries: copies });
        }
        return super.appended(log, batch);
      }
    },
  },
  {
    what: "lets entries leave a gap",
    breaks: "an append that would leave a gap is rejected, and not stored",
    Store: class extends KeptLogStore {
      override assertFits(entries: readonly Entry[]): void {
        if (entries[0]?.index !== 6) {
          super.assertFits(entries);
        }
      }
    },
  },
  {
    what: "rejects entries that leave a gap, and stores them",
    breaks: "an append that would leave a gap is rejected, and not stored",
    Store: class extends KeptLogStore {
      override assertFits(entries: readonly Entry[]): void {
        if (entries[0]?.index === 6 && this.log.marker.index === 2) {
          this.persist({ ...this.log, entries: [...this.log.entries, ...entries] });
        }
        super.assertFits(entries);
      }
    },
  },
  {
    what: "looks at the first entry of a batch alone",
    breaks: "an append with a gap within is rejected, and not stored",
    Store: class extends KeptLogStore {
      override assertFits(entries: readonly Entry[]): void {
        super.assertFits(entries.slice(0, 1));
      }
    },
  },
  {
    what: "appends where it has compacted",
    breaks: "an append below the marker is rejected, and not stored",
    Store: class extends KeptLogStore {
      override assertFits(entries: readonly Entry[]): void {
        if ((entries[0]?.index ?? Infinity) > this.log.marker.index) {
          super.assertFits(entries);
        }
      }
    },
  },
  {
    what: "takes each entry for a command",
    breaks: "entries of each kind are kept",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        const isOfEachKind = log.entries[0]?.kind === "noop" && log.entries.length === 5;
        return super.read(log, range)
          .map((entry) => isOfEachKind ? { ...entry, kind: "command" } : entry);
      }
    },
  },
  {
    what: "takes a command without data for a no-op",
    breaks: "entries without data are kept",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        const isEmpty = log.entries.every(({ data }) => data.length === 0);
        return super.read(log, range).map((entry) => isEmpty ? { ...entry, kind: "noop" } : entry);
      }
    },
  },
  {
    what: "keeps data as text",
    breaks: "data of any bytes are kept",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        return super.appended(log, {
          ...batch,
          entries: batch.entries.map((entry) =>
            entry.data.length === 512
              ? { ...entry, data: new TextEncoder().encode(new TextDecoder().decode(entry.data)) }
              : entry
          ),
        });
      }
    },
  },
  {
    what: "keeps the buffer instead of the bytes",
    breaks: "data that are a part of a larger buffer are kept",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        return super.appended(log, {
          ...batch,
          entries: batch.entries.map((entry) => ({
            ...entry,
            data: new Uint8Array(entry.data.buffer),
          })),
        });
      }
    },
  },
  {
    what: "cuts data off at 1 MiB",
    breaks: "a large entry is kept",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        return super.appended(log, {
          ...batch,
          entries: batch.entries.map((entry) => ({
            ...entry,
            data: entry.data.subarray(0, 1 << 20),
          })),
        });
      }
    },
  },
  {
    what: "takes at most a thousand entries at once",
    breaks: "a batch of many entries is kept",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        return super.appended(log, { ...batch, entries: batch.entries.slice(0, 1_000) });
      }
    },
  },
  {
    what: "keeps numbers in 53 bits, less one",
    breaks: "numbers up to the largest safe integer are kept",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        return super.appended(log, {
          ...batch,
          entries: batch.entries.map((entry) => ({
            ...entry,
            term: Math.min(entry.term, 2 ** 52),
          })),
        });
      }
    },
  },
  {
    what: "stores a commit in 32 bits",
    breaks: "numbers up to the largest safe integer are kept",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const { hardState } = batch;
        return super.appended(log, {
          ...batch,
          hardState: hardState === null
            ? null
            : { ...hardState, commit: hardState.commit % 2 ** 32 },
        });
      }
    },
  },
  {
    what: "forgets the hard state of an append that drops entries of a compacted log",
    breaks: "after any history a log holds what a plain list would hold",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const next = super.appended(log, batch);
        const last = log.entries.at(-1)?.index ?? 0;
        const drops = (batch.entries[0]?.index ?? Infinity) <= last && log.marker.index > 0;
        return drops ? { ...next, hardState: log.hardState } : next;
      }
    },
  },
];
