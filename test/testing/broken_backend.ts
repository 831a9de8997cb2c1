import type { BackendKeep, KeptBackend } from "./kept_backend.ts";

/** A backend that is wrong in one way, and the one requirement that it breaks. */
export interface BrokenBackend {
  readonly what: string;
  readonly breaks: string;
  readonly Kind: new (keep: BackendKeep) => KeptBackend;
}
