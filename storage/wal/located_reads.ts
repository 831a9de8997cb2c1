import type { OpenFile } from "../file_system.ts";
import { WalCorruptError } from "./errors.ts";

/** What is read of a segment. */
export type SegmentReads = Pick<OpenFile, "read">;

/** Reads of a segment that say where a disk cannot read, as systems do not. */
export function locatedReads(file: SegmentReads, path: string): SegmentReads {
  return {
    read: async (target, offset) => {
      try {
        return await file.read(target, offset);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new WalCorruptError(path, offset, `it cannot be read: ${reason}`, { cause: error });
      }
    },
  };
}
