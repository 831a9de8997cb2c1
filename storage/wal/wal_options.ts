import type { Clock } from "../../raft/mod.ts";
import type { FileSystem } from "../file_system.ts";

/**
 * A half-written end of the log, which was cut. Entries in it may have been
 * acknowledged; a change of term, vote or membership was not.
 */
export interface WalRepair {
  readonly file: string;
  /** Where the log now ends. */
  readonly offset: number;
  /** Length of what was cut. */
  readonly bytes: number;
}

/** What a `WalLogStore` needs. */
export interface WalLogStoreOptions {
  readonly fileSystem: FileSystem;
  /** Holds the segments. Created if it is not there. */
  readonly directory: string;
  /**
   * Whose log it is, such as the ids of cluster and member. Written into the
   * log when it is begun, and compared when it is opened. Default: "".
   */
  readonly identity?: string;
  /** Size of a segment; a larger batch gets a larger one. Below 4 GiB. Default: 64 MiB. */
  readonly segmentBytes?: number;
  /** How far ahead of its frames a segment is filled with zeros. Default: 1 MiB. */
  readonly zerosAheadBytes?: number;
  /** Told when `open` had to cut the end of the log, once the cut is durable. */
  readonly onRepair?: (repair: WalRepair) => void;
  /**
   * After this long without a new append, the last one is confirmed by a
   * watermark, so that damage to it is not taken for a torn write. Default: 10.
   */
  readonly watermarkDelayMs?: number;
  /** Default: the system's timers, which do not keep the process alive. */
  readonly setTimer?: Clock["setTimer"];
  /** A random number of 32 bits for each segment. Default: the system's. */
  readonly randomUint32?: () => number;
}
