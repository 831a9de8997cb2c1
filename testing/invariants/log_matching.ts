import type { Entry } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import { isSameEntry } from "./committed_log.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

interface Known {
  readonly entry: Entry;
  readonly previousTerm: number;
}

/**
 * If two logs have an entry with the same index and term, then they are the
 * same up to it (Raft paper, figure 3; thesis §3.5).
 *
 * Incrementally: index and term determine the entry and the term of the one
 * before it. The full comparison takes pairs of logs, entry by entry.
 */
export class LogMatching implements GroupInvariant {
  readonly name = "log matching";
  /** By index, all entries that were ever seen there: few, one for each term. */
  readonly #known: Known[][] = [];

  onAppended({ id, log }: MemberView, entries: readonly Entry[]): void {
    for (const entry of entries) {
      const previousTerm = log.termAt(entry.index - 1) ?? -1;
      const known = this.#at(entry.index).find(({ entry: { term } }) => term === entry.term);
      if (known === undefined) {
        this.#at(entry.index).push({ entry, previousTerm });
        continue;
      }
      expect(
        isSameEntry(known.entry, entry),
        this.name,
        () => `${id} holds another entry than others at index ${entry.index}, term ${entry.term}`,
      );
      expect(
        known.previousTerm === previousTerm,
        this.name,
        () =>
          `${id} holds (index ${entry.index}, term ${entry.term}) after an entry of term ` +
          `${previousTerm}, others after one of term ${known.previousTerm}`,
      );
    }
  }

  compareAll(members: readonly MemberView[]): void {
    members.forEach((one, position) => {
      members.slice(position + 1).forEach((other) => this.#compare(one, other));
    });
  }

  #at(index: number): Known[] {
    return this.#known[index] ??= [];
  }

  /** From the end on: before an entry that both have, all must be the same. */
  #compare(one: MemberView, other: MemberView): void {
    const first = Math.max(one.log.marker.index, other.log.marker.index);
    let mustMatch = false;
    for (let index = Math.min(one.log.lastIndex, other.log.lastIndex); index > first; index -= 1) {
      const a = one.log.entryAt(index);
      const b = other.log.entryAt(index);
      const isSame = a !== undefined && b !== undefined && isSameEntry(a, b);
      expect(
        isSame || (!mustMatch && a?.term !== b?.term),
        this.name,
        () => `the logs of ${one.id} and ${other.id} differ at index ${index}, but not behind it`,
      );
      mustMatch ||= isSame;
    }
  }
}
