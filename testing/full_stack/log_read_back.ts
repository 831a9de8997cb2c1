import { CompactedError, type Entry, type LogStore } from "../../raft/mod.ts";
import { isSameEntry } from "../invariants/committed_log.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import { expect } from "../violation.ts";

/** Whose log is read back: what was given to its log store, and what of it is durable. */
export type ReadBackMember = Pick<MemberView, "id" | "log" | "disk">;

/** The log in a store, read back entry by entry, is what was given to it. */
export async function assertReadsBack(
  member: ReadBackMember,
  store: Pick<LogStore, "entries"> | undefined,
): Promise<void> {
  const log = member.disk.log;
  let low = log.marker.index + 1;
  while (store !== undefined && low <= log.lastIndex) {
    const read = await readOrCompacted(member, store, { low, high: log.lastIndex + 1 });
    for (const entry of read ?? []) {
      const wanted = log.entryAt(low);
      expect(
        (wanted !== undefined && isSameEntry(wanted, entry)) || low <= log.marker.index,
        "log on disk",
        () => `${member.id} reads back entry ${entry.index} of term ${entry.term} at ${low}`,
      );
      low += 1;
    }
    low = Math.max(low, log.marker.index + 1, member.log.marker.index + 1);
  }
}

/** `null` if a compaction has come before. */
async function readOrCompacted(
  member: ReadBackMember,
  store: Pick<LogStore, "entries">,
  { low, high }: { readonly low: number; readonly high: number },
): Promise<Entry[] | null> {
  try {
    return await store.entries({ low, high, maxBytes: 1 << 20 });
  } catch (error) {
    if (error instanceof CompactedError && member.log.marker.index >= low) {
      return null;
    }
    throw error;
  }
}
