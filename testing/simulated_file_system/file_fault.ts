import type { FileErrorCode } from "./file_errors.ts";
import type { FileCall } from "./file_call.ts";

/** What goes wrong with one call. */
export type FileFault =
  /**
   * It fails with this code. Of a write, `writtenBytes` get there before (default:
   * none). After a sync that failed, or a write that was to be durable, nothing that
   * was not durable before ever becomes so (fsyncgate).
   */
  | { readonly type: "error"; readonly code: FileErrorCode; readonly writtenBytes?: number }
  /**
   * It is made in the moment in which the file system turns read-only. A change of
   * metadata fails with EROFS. A sync, or a write that is to be durable, is answered;
   * what it wrote over blocks that were durable before is durable, the rest never becomes so.
   * Linux's ext4 can do that, measured on kernel 6.18.
   */
  | { readonly type: "readOnlyMoment" }
  /** A read ends after so many bytes, as if the file did. */
  | { readonly type: "shortRead"; readonly bytes: number };

/** A call that may go wrong. */
export interface FaultyCall {
  readonly call: FileCall;
  readonly path: string;
  /** Bytes to read or write; 0 for other calls. */
  readonly bytes: number;
  /** Whether it is a write to blocks of which nothing is durable yet. */
  readonly isIntoHole: boolean;
}

/** Says what goes wrong with a call, `null` for nothing. */
export type FaultOf = (call: FaultyCall) => FileFault | null;
