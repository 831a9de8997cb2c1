import type { KeyValue } from "../../mvcc/mod.ts";
import type { RefusalCode } from "./errors.ts";

/** What applying one entry came to: the same on every member. */
export type ApplyResult =
  /** No-ops, memberships, a member's own data: nobody waits for more than that it happened. */
  | { readonly type: "done" }
  | {
    readonly type: "put";
    readonly revision: number;
    /** Only if the request asked for it. */
    readonly previous: KeyValue | null;
  }
  | {
    readonly type: "deleteRange";
    readonly revision: number;
    readonly deleted: number;
    /** Only if the request asked for them, in key order. */
    readonly previous: readonly KeyValue[];
  }
  | {
    readonly type: "compaction";
    /** The store's current revision. */
    readonly revision: number;
  }
  /** The command changed nothing. */
  | { readonly type: "refused"; readonly code: RefusalCode };
