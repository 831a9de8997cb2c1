/** Places that a run of the full stack should get to beside `MARKS`, with what they mean. */
export const DISK_MARKS = {
  "write torn": "a power cut left a part of a write",
  "change lost": "a power cut took a change of a file",
  "name lost": "a power cut took a name that was not synced",
  "changes lost in any order":
    "a power cut took a change of a file or a directory, and left a later one of the same",
  "torn end cut": "a log began with cutting the half-written end that a crash had left",
  "durable batch damaged": "damage took the last batch of a log, and was taken for a torn write",
  "write survived a power cut": "a write was under way in a power cut and is there whole",
  "process killed": "a process ended without its machine: what it had written is there",
  "stopped in order": "a member was stopped and started again",
  "crashed while starting": "a member crashed before it had started",
  "disk failed": "a call of a disk failed, for other reasons than those below",
  "disk full": "a call of a disk failed for want of room",
  "disk read-only": "a call of a disk failed as its file system had turned read-only",
  "write lost in the read-only moment":
    "a file system turned read-only and told that a write into a hole was durable, which was lost",
  "member stopped by its disk": "a member stopped as its disk had failed",
  "start failed": "a member did not start as its disk failed",
  "save failed":
    "a state machine could not be saved or restored as its disk failed, and its process ended",
  "log unreadable": "entries could not be read from the log as its disk failed",
  "failed write survived": "a change of the log that had failed was there in the next life",
  "failed write lost": "a change of the log that had failed was not there in the next life",
  "segment begun": "a log went on in a new segment",
  "segment removed": "a compaction removed a segment",
  "state machine behind": "a state machine had to catch up from its own log after a restart",
  "request tried again": "a client did not know what became of its request and asked again",
  "request took effect once": "a request that was tried again had taken effect already",
  "history explained": "a search, which does not know the log, explained all answers of a run",
  "frames encoded": "messages crossed as encoded frames",
} as const;

export type DiskMark = keyof typeof DISK_MARKS;

/** How often each mark was reached. */
export class DiskMarkCounts {
  readonly #counts = new Map<DiskMark, number>();

  hit(mark: DiskMark, count = 1): void {
    this.#counts.set(mark, (this.#counts.get(mark) ?? 0) + count);
  }

  /** All marks with their counts, in the order of `DISK_MARKS`. */
  all(): Record<DiskMark, number> {
    const marks = Object.keys(DISK_MARKS) as DiskMark[];
    return Object.fromEntries(marks.map((mark) => [mark, this.#counts.get(mark) ?? 0])) as Record<
      DiskMark,
      number
    >;
  }
}
