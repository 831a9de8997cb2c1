import {
  type AppendBatch,
  CompactedError,
  type CompactionMarker,
  type Entry,
  type EntryRange,
} from "../../raft/mod.ts";
import type { BrokenLogStore } from "./broken_log_store.ts";
import { type KeptLog, KeptLogStore } from "./kept_log_store.ts";

/** A store that knows what is being written. */
class WritingLogStore extends KeptLogStore {
  next: KeptLog | null = null;

  override async write(log: KeptLog): Promise<void> {
    this.next = log;
    await super.write(log);
    this.next = null;
  }
}

/** Stores that tell what they hold wrongly. */
export const BROKEN_LOG_READS: readonly BrokenLogStore[] = [
  {
    what: "begins at term 1",
    breaks: "a new log is whole and empty",
    Store: class extends KeptLogStore {
      override stateOf(log: KeptLog) {
        const state = super.stateOf(log);
        return log.hardState.term === 0 && state.lastIndex === 0
          ? { ...state, hardState: { term: 1, vote: null, commit: 0 } }
          : state;
      }
    },
  },
  {
    what: "tells the hard state before the last",
    breaks: "open tells the hard state that was appended last",
    Store: class extends KeptLogStore {
      override stateOf(log: KeptLog) {
        const state = super.stateOf(log);
        const { hardState } = state;
        return hardState.term === 7
          ? { ...state, hardState: { term: 4, vote: "voted for in 4", commit: 8 } }
          : state;
      }
    },
  },
  {
    what: "drops a byte order mark from votes",
    breaks: "a hard state may hold a vote of any text, and none",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const next = super.appended(log, batch);
        const vote = next.hardState.vote?.replace(/^\ufeff/, "") ?? null;
        return { ...next, hardState: { ...next.hardState, vote } };
      }
    },
  },
  {
    what: "takes no vote for a vote for nobody",
    breaks: "a hard state may hold a vote of any text, and none",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const next = super.appended(log, batch);
        const vote = next.hardState.vote ?? "";
        return batch.hardState?.term === 5
          ? { ...next, hardState: { ...next.hardState, vote } }
          : next;
      }
    },
  },
  {
    what: "tells the number of entries but one",
    breaks: "open tells the last index",
    Store: class extends KeptLogStore {
      override stateOf(log: KeptLog) {
        const state = super.stateOf(log);
        const isNine = log.entries.length === 9 && log.entries.every(({ term }) => term === 1);
        return isNine ? { ...state, lastIndex: 8 } : state;
      }
    },
  },
  {
    what: "tells one term for two",
    breaks: "open tells the term of each entry",
    Store: class extends KeptLogStore {
      override stateOf(log: KeptLog) {
        const state = super.stateOf(log);
        return state.terms.at(-1)?.term === 12
          ? { ...state, terms: state.terms.slice(0, -1) }
          : state;
      }
    },
  },
  {
    what: "tells memberships the newest first",
    breaks: "open tells the membership entries in order",
    Store: class extends KeptLogStore {
      override stateOf(log: KeptLog) {
        const state = super.stateOf(log);
        return state.membershipEntries.length === 3
          ? { ...state, membershipEntries: state.membershipEntries.toReversed() }
          : state;
      }
    },
  },
  {
    what: "keeps the voters of a marker alone",
    breaks: "open tells the marker with its membership",
    Store: class extends KeptLogStore {
      override compacted(log: KeptLog, marker: CompactionMarker): KeptLog {
        const { index, term, membership } = marker;
        return super.compacted(
          log,
          index === 4 && term === 3 && membership !== null
            ? { ...marker, membership: { ...membership, learners: [], learnersNext: [] } }
            : marker,
        );
      }
    },
  },
  {
    what: "reads the entry at high too",
    breaks: "a read gets the entries from low up to high, without high",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        return super.read(
          log,
          log.entries.length === 10 && range.low === 3 ? { ...range, high: range.high + 1 } : range,
        );
      }
    },
  },
  {
    what: "reads one entry at least",
    breaks: "a read of an empty range gets nothing",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        return super.read(log, { ...range, high: Math.max(range.high, range.low + 1) });
      }
    },
  },
  {
    what: "ends a read when maxBytes are reached",
    breaks: "a read gets as many entries as fit in maxBytes",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        return super.read(log, { ...range, maxBytes: range.maxBytes - 1 });
      }
    },
  },
  {
    what: "does not look at maxBytes",
    breaks: "a read gets as many entries as fit in maxBytes",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        return super.read(log, log.entries.length === 7 ? { ...range, maxBytes: Infinity } : range);
      }
    },
  },
  {
    what: "reads nothing where the first entry does not fit",
    breaks: "a read gets its first entry whatever its size",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        const answer = super.read(log, range);
        return (answer[0]?.data.length ?? 0) > range.maxBytes ? [] : answer;
      }
    },
  },
  {
    what: "has errors of its own for what is compacted",
    breaks: "a read of what is compacted is rejected with CompactedError",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        if (range.low === 0) {
          throw new RangeError("entries begin at 1");
        }
        return super.read(log, range);
      }
    },
  },
  {
    what: "remembers the last range alone",
    breaks: "several reads may be under way at once",
    Store: class extends KeptLogStore {
      range: EntryRange | null = null;
      override entries(range: EntryRange): Promise<Entry[]> {
        this.range = range;
        return super.entries(range);
      }
      override read(log: KeptLog, range: EntryRange): Entry[] {
        return super.read(log, log.entries.length === 20 ? this.range ?? range : range);
      }
    },
  },
  {
    what: "reads new entries behind old ones that they replace",
    breaks: "a read that overlaps an append gets the log of before or after it",
    Store: class extends WritingLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        const { next } = this;
        const isMixed = next?.entries.length === 7 && range.low === 2;
        return super.read(
          isMixed
            ? { ...log, entries: [...log.entries.slice(0, 6), ...next.entries.slice(6)] }
            : log,
          range,
        );
      }
    },
  },
  {
    what: "reads nothing while it appends",
    breaks: "a read that overlaps an append misses nothing that it keeps",
    Store: class extends WritingLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        return this.next?.entries.length === 7 && range.low === 2 ? [] : super.read(log, range);
      }
    },
  },
  {
    what: "misses entries while it compacts",
    breaks: "a read that overlaps a compaction gets what it keeps",
    Store: class extends WritingLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        const answer = super.read(log, range);
        return this.next !== null && range.low === 7 ? answer.slice(0, 3) : answer;
      }
    },
  },
  {
    what: "leaves out of an answer what is compacted meanwhile",
    breaks: "a read that a compaction overtakes gets all or CompactedError",
    Store: class extends WritingLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        const answer = super.read(log, range);
        return this.next !== null && range.low === 3 && log.entries.length === 12
          ? answer.filter(({ index }) => index > (this.next ?? log).marker.index)
          : answer;
      }
    },
  },
  {
    what: "fails in its own way when a compaction overtakes a read",
    breaks: "a read that a compaction overtakes gets all or CompactedError",
    Store: class extends WritingLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        if (this.next?.marker.index === 6 && range.low === 3) {
          throw new Error("no such file");
        }
        return super.read(log, range);
      }
    },
  },
  {
    what: "returns its own array",
    breaks: "the array that a read returned is its caller's",
    Store: class extends KeptLogStore {
      kept: Entry[] | null = null;
      override read(log: KeptLog, range: EntryRange): Entry[] {
        const isMiddle = log.entries.length === 6 && range.low === 2 && range.high === 6;
        return isMiddle ? this.kept ??= super.read(log, range) : super.read(log, range);
      }
    },
  },
  {
    what: "reads into one buffer",
    breaks: "entries that were read stay as they are",
    Store: class extends KeptLogStore {
      buffers: Uint8Array[] = [];
      override read(log: KeptLog, range: EntryRange): Entry[] {
        const answer = super.read(log, range)
          .map((entry) => ({ ...entry, data: entry.data.slice() }));
        if (answer[0]?.term === 3 && range.low === 7) {
          this.buffers.forEach((buffer) => buffer.fill(0));
        }
        this.buffers.push(...answer.map(({ data }) => data));
        return answer;
      }
    },
  },
  {
    what: "reads once it is closed",
    breaks: "a closed store rejects reads",
    Store: class extends KeptLogStore {
      override assertReadable(): void {
        if (this.status !== "closed") {
          super.assertReadable();
        }
      }
    },
  },
  {
    what: "takes its first entry for compacted in a later life",
    breaks: "a log that is opened and closed stays as it was",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        if (this.keep.lives > 3 && log.marker.index === 2 && range.low === 3) {
          throw new CompactedError(range.low, range.low);
        }
        return super.read(log, range);
      }
    },
  },
];
