import type { LogState } from "../../raft/mod.ts";

/** How far a backend has got. */
export interface BackendProgress {
  /** Last entry whose effects it holds, and its term; 0 both where it is empty. */
  readonly index: number;
  readonly term: number;
  /** Last entry of the snapshot that it was last restored from, 0 if it never was. */
  readonly restoredIndex: number;
}

/**
 * Why a log and a backend are not those of one member at one time, `null` if
 * they may be. The backend may lag behind the log, which then brings what is
 * missing. It is ahead of the log only between the restoring of a snapshot and
 * the beginning of the log after it, where a crash may come.
 */
export function misfitOf(backend: BackendProgress, log: LogState): string | null {
  const { index, term, restoredIndex } = backend;
  const { marker, lastIndex, hardState } = log;
  if (index < marker.index) {
    return `the backend holds the entries up to ${index}, and the log begins after ${marker.index}: ` +
      `${index + 1} to ${marker.index} are in neither`;
  }
  const lastTerm = termIn(log, lastIndex);
  if (hardState.term < lastTerm) {
    return `the log holds entry ${lastIndex} of term ${lastTerm}, and its hard state is of term ` +
      `${hardState.term}: it has gone back, so the member could vote twice in a term`;
  }
  if (index > 0 && hardState.term < term) {
    return `the backend holds entry ${index} of term ${term}, and the log has seen no later term ` +
      `than ${hardState.term}: the log is older than the backend, or another member's`;
  }
  if (index > 0 && index === restoredIndex) {
    return null;
  }
  if (index > lastIndex) {
    return `the backend holds the entries up to ${index}, and the log ends at ${lastIndex}: ` +
      "the end of the log is lost";
  }
  const logTerm = termIn(log, index);
  if (index > 0 && logTerm !== term) {
    return `the backend holds entry ${index} of term ${term}, which in the log is of term ${logTerm}: ` +
      "one of them is another member's";
  }
  return null;
}

/** What an operator can do about a misfit. */
export const MISFIT_REMEDY: string =
  "Restore the whole data directory from a backup of the same member, " +
  "or remove this member from the cluster and add it again with an empty data directory";

function termIn({ marker, terms }: LogState, index: number): number {
  return terms.findLast(({ firstIndex }) => firstIndex <= index)?.term ?? marker.term;
}
