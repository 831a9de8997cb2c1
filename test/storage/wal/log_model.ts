import {
  type AppendBatch,
  type CompactionMarker,
  type Entry,
  type HardState,
  INITIAL_HARD_STATE,
  type LogState,
  type LogStore,
  WHOLE_LOG,
} from "../../../raft/mod.ts";

/** One change of a log. */
export type LogOperation =
  | { readonly type: "append"; readonly batch: AppendBatch }
  | { readonly type: "compact"; readonly marker: CompactionMarker };

/** A log as it should be, by the plainest definition. Never changed. */
export interface LogModel {
  readonly hardState: HardState;
  readonly marker: CompactionMarker;
  /** From the one after the marker on. */
  readonly entries: readonly Entry[];
}

export const EMPTY_MODEL: LogModel = {
  hardState: INITIAL_HARD_STATE,
  marker: WHOLE_LOG,
  entries: [],
};

/** The log after a change. */
export function changed(model: LogModel, operation: LogOperation): LogModel {
  const { hardState, marker, entries } = model;
  if (operation.type === "append") {
    const { batch } = operation;
    const first = batch.entries[0]?.index ?? Infinity;
    return {
      hardState: batch.hardState ?? hardState,
      marker,
      entries: [...entries.filter(({ index }) => index < first), ...batch.entries],
    };
  }
  const next = operation.marker;
  if (next.index <= marker.index) {
    return model;
  }
  const agrees = entries.some(({ index, term }) => index === next.index && term === next.term);
  return {
    hardState,
    marker: next,
    entries: agrees ? entries.filter(({ index }) => index > next.index) : [],
  };
}

/** A model as text, to be compared. */
export function describeModel({ hardState, marker, entries }: LogModel): string {
  // That something may be missing is no part of what there is.
  const { term, vote, commit } = hardState;
  return JSON.stringify({
    hardState: [term, vote, commit],
    marker: [marker.index, marker.term, marker.membership?.voters ?? null],
    entries: entries.map((
      { index, term, kind, data },
    ) => [index, term, kind, Buffer.from(data).toString("base64")]),
  });
}

/** What a store holds, in the same form. */
export async function describeStore(store: LogStore, state: LogState): Promise<string> {
  const { hardState, marker, lastIndex } = state;
  const entries: Entry[] = [];
  for (let low = marker.index + 1; low <= lastIndex;) {
    const read = await store.entries({ low, high: lastIndex + 1, maxBytes: 1 << 16 });
    entries.push(...read);
    low += read.length;
  }
  return describeModel({ hardState, marker, entries });
}
