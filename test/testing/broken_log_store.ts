import type { KeptLogStore, LogKeep } from "./kept_log_store.ts";

/** A log store that is wrong in one way, and the one requirement that it breaks. */
export interface BrokenLogStore {
  readonly what: string;
  readonly breaks: string;
  readonly Store: new (keep: LogKeep) => KeptLogStore;
}
