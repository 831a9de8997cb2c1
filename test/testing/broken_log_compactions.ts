import {
  type AppendBatch,
  type CompactionMarker,
  type Entry,
  type EntryRange,
  INITIAL_HARD_STATE,
  invariant,
} from "../../raft/mod.ts";
import type { BrokenLogStore } from "./broken_log_store.ts";
import { type KeptLog, KeptLogStore } from "./kept_log_store.ts";

/** Stores that compact wrongly. */
export const BROKEN_LOG_COMPACTIONS: readonly BrokenLogStore[] = [
  {
    what: "answers a read of the marker's own entry",
    breaks: "a compaction drops the entries up to its marker",
    Store: class extends KeptLogStore {
      override read(log: KeptLog, range: EntryRange): Entry[] {
        const isMarkers = log.marker.index === 4 && range.low === 4 && range.high === 5;
        return isMarkers ? [] : super.read(log, range);
      }
    },
  },
  {
    what: "compacts one entry too many",
    breaks: "a compaction keeps the entries behind its marker",
    Store: class extends KeptLogStore {
      override compacted(log: KeptLog, marker: CompactionMarker): KeptLog {
        const next = super.compacted(log, marker);
        return marker.index === 3 && next.entries.length === 6
          ? { ...next, entries: next.entries.slice(1) }
          : next;
      }
    },
  },
  {
    what: "takes an empty log for a new one",
    breaks: "a compaction at the end leaves an empty log that goes on behind it",
    Store: class extends KeptLogStore {
      override stateOf(log: KeptLog) {
        const state = super.stateOf(log);
        const { index, term } = log.marker;
        const isEmpty = index === 6 && term === 1 && log.entries.length === 0;
        return isEmpty ? { ...state, lastIndex: 0 } : state;
      }
    },
  },
  {
    what: "ignores markers that lie beyond its end",
    breaks: "a compaction beyond the end begins the log anew behind its marker",
    Store: class extends KeptLogStore {
      override compacted(log: KeptLog, marker: CompactionMarker): KeptLog {
        return marker.index === 20 && marker.term === 4 ? log : super.compacted(log, marker);
      }
    },
  },
  {
    what: "keeps what follows an entry that contradicts the marker",
    breaks: "a compaction at an entry of another term drops all entries",
    Store: class extends KeptLogStore {
      override compacted(log: KeptLog, marker: CompactionMarker): KeptLog {
        const next = super.compacted(log, marker);
        return marker.index === 5 && marker.term === 3
          ? { ...next, entries: log.entries.filter(({ index }) => index > 5) }
          : next;
      }
    },
  },
  {
    what: "drops all when it is compacted at the same marker again",
    breaks: "a compaction at the same marker again changes nothing",
    Store: class extends KeptLogStore {
      override compacted(log: KeptLog, marker: CompactionMarker): KeptLog {
        const isAgain = marker.index === log.marker.index && log.entries.length === 5;
        return isAgain ? { ...log, entries: [] } : super.compacted(log, marker);
      }
    },
  },
  {
    what: "goes back to an older marker",
    breaks: "a compaction backwards changes nothing",
    Store: class extends KeptLogStore {
      override compacted(log: KeptLog, marker: CompactionMarker): KeptLog {
        return marker.index < log.marker.index
          ? { ...log, marker, entries: [] }
          : super.compacted(log, marker);
      }
    },
  },
  {
    what: "counts from the log's first entry when it compacts again",
    breaks: "a log can be compacted again and again",
    Store: class extends KeptLogStore {
      override compacted(log: KeptLog, marker: CompactionMarker): KeptLog {
        const next = super.compacted(log, marker);
        return log.marker.index === 2 && marker.index === 7
          ? { ...next, entries: log.entries.slice(7) }
          : next;
      }
    },
  },
  {
    what: "forgets its hard state when it compacts",
    breaks: "a compaction leaves the hard state as it was",
    Store: class extends KeptLogStore {
      override compacted(log: KeptLog, marker: CompactionMarker): KeptLog {
        const next = super.compacted(log, marker);
        return marker.term === 2 && log.hardState.term === 2
          ? { ...next, hardState: INITIAL_HARD_STATE }
          : next;
      }
    },
  },
  {
    what: "tells the membership entry at the marker",
    breaks: "open tells no membership entry up to the marker",
    Store: class extends KeptLogStore {
      override stateOf(log: KeptLog) {
        const state = super.stateOf(log);
        const [first] = state.membershipEntries;
        return log.marker.index === 3 && first?.index === 4
          ? { ...state, membershipEntries: [{ ...first, index: 3 }, first] }
          : state;
      }
    },
  },
  {
    what: "tells where a term began, though that is compacted",
    breaks: "open tells the terms of the entries behind the marker alone",
    Store: class extends KeptLogStore {
      override stateOf(log: KeptLog) {
        const state = super.stateOf(log);
        const [first, ...others] = state.terms;
        return first?.term === 2 && log.marker.term === 2 && others.length === 1
          ? { ...state, terms: [{ ...first, firstIndex: 3 }, ...others] }
          : state;
      }
    },
  },
  {
    what: "does not let the first entry behind the marker be replaced",
    breaks: "a compacted log is replaced from anywhere behind its marker",
    Store: class extends KeptLogStore {
      override appended(log: KeptLog, batch: AppendBatch): KeptLog {
        const { index } = log.marker;
        const isFirst = index === 4 && batch.entries[0]?.index === 5 && log.entries.length > 0;
        invariant(!isFirst, "the first entry stays");
        return super.appended(log, batch);
      }
    },
  },
];
