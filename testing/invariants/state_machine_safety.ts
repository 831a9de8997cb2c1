import type { Entry, SnapshotMeta } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import { type CommittedLog, isSameEntry } from "./committed_log.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * No two members commit or apply different entries at an index (Raft paper,
 * figure 3; thesis §3.6.3), and what a state machine holds is the same
 * wherever it holds the same number of entries.
 */
export class StateMachineSafety implements GroupInvariant {
  readonly name = "state-machine safety";
  readonly #committed: CommittedLog;
  /** Hash of the state by applied index. */
  readonly #digests: { readonly low: number; readonly high: number }[] = [];

  constructor(committed: CommittedLog) {
    this.#committed = committed;
  }

  onCommitted(member: MemberView, before: number): void {
    for (let index = before + 1; index <= member.committedIndex; index += 1) {
      const entry = member.log.entryAt(index);
      // What a snapshot brought is compared by its digest.
      if (entry !== undefined) {
        this.#compareOrAdd(member, entry);
      }
    }
  }

  onApplying(member: MemberView, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const committed = this.#committed.at(entry.index);
      expect(
        committed !== undefined && isSameEntry(committed.entry, entry),
        this.name,
        () =>
          `${member.id} applies entry ${entry.index} of term ${entry.term}, the group committed ` +
          (committed === undefined ? "none" : `that of term ${committed.entry.term}`),
      );
    }
  }

  onApplied({ id, machine: { state } }: MemberView): void {
    const { appliedIndex, digest: low, digestHigh: high } = state;
    const known = this.#digests[appliedIndex] ??= { low, high };
    expect(
      known.low === low && known.high === high,
      this.name,
      () => `the state of ${id} after entry ${appliedIndex} differs from that of others`,
    );
  }

  onRestored(member: MemberView, { last }: SnapshotMeta): void {
    const committed = this.#committed.at(last.index);
    expect(
      committed?.entry.term === last.term,
      this.name,
      () => `${member.id} restored a snapshot of entry ${last.index}, term ${last.term}`,
    );
    this.onApplied(member);
  }

  compareAll(members: readonly MemberView[]): void {
    for (const member of members) {
      const { log, committedIndex } = member;
      for (let index = log.marker.index + 1; index <= committedIndex; index += 1) {
        this.#compareOrAdd(member, log.entryAt(index));
      }
    }
  }

  #compareOrAdd(member: MemberView, entry: Entry | undefined): void {
    expect(entry !== undefined, this.name, () => `${member.id} committed what it does not hold`);
    const committed = this.#committed.at(entry.index);
    if (committed === undefined) {
      expect(
        entry.index === this.#committed.lastIndex + 1,
        this.name,
        () => `${member.id} committed entry ${entry.index} before those before it`,
      );
      this.#committed.add(entry, member.term);
      return;
    }
    committed.term = Math.min(committed.term, member.term);
    expect(
      isSameEntry(committed.entry, entry),
      this.name,
      () =>
        `${member.id} committed entry ${entry.index} of term ${entry.term}, ` +
        `another member that of term ${committed.entry.term}`,
    );
  }
}
