import type { Entry, HardState, LogState, Membership } from "../../../raft/mod.ts";
import { demand } from "./log_store_requirement.ts";

/** Demands the same entries in the same order. */
export function demandEntries(
  got: readonly Entry[],
  wanted: readonly Entry[],
  where: string,
): void {
  demand(
    got.length === wanted.length,
    `${where}: ${span(got)} instead of ${span(wanted)}`,
  );
  for (const [position, entry] of wanted.entries()) {
    const other = got[position];
    demand(
      other !== undefined && sameEntry(other, entry),
      `${where}: ${described(other)} instead of ${described(entry)}`,
    );
  }
}

/** Whether the entries are the first ones of others. */
export function isPrefix(part: readonly Entry[], whole: readonly Entry[]): boolean {
  return part.length <= whole.length && part.every((entry, position) => {
    const other = whole[position];
    return other !== undefined && sameEntry(entry, other);
  });
}

export function demandHardState(got: HardState, wanted: HardState, where: string): void {
  demand(
    sameHardState(got, wanted),
    `${where}: hard state ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`,
  );
}

export function sameHardState(one: HardState, other: HardState): boolean {
  return one.term === other.term && one.vote === other.vote && one.commit === other.commit;
}

export function demandMarker(
  got: LogState["marker"],
  wanted: LogState["marker"],
  where: string,
): void {
  demand(
    got.index === wanted.index && got.term === wanted.term &&
      canonical(got.membership) === canonical(wanted.membership),
    `${where}: marker ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`,
  );
}

/** Demands that the runs give each entry its term. How they are cut is the store's. */
export function demandTerms(
  { terms, marker, lastIndex }: LogState,
  entries: readonly Entry[],
  where: string,
): void {
  const told = JSON.stringify(terms);
  let previous = 0;
  for (const { firstIndex } of terms) {
    demand(firstIndex > previous, `${where}: runs are out of order: ${told}`);
    demand(
      firstIndex > marker.index && firstIndex <= lastIndex,
      `${where}: a run begins at ${firstIndex}, where there is no entry`,
    );
    previous = firstIndex;
  }
  for (const { index, term } of entries) {
    const run = terms.findLast(({ firstIndex }) => firstIndex <= index);
    demand(run?.term === term, `${where}: entry ${index} is of term ${term}, not in ${told}`);
  }
}

function sameEntry(one: Entry, other: Entry): boolean {
  return one.index === other.index && one.term === other.term && one.kind === other.kind &&
    sameBytes(one.data, other.data);
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, position) => byte === other[position]);
}

/** The same text for the same membership, whatever the order of its fields. */
function canonical(membership: Membership | null): string {
  if (membership === null) {
    return "null";
  }
  const { voters, learners, votersOutgoing, learnersNext } = membership;
  return JSON.stringify([voters, learners, votersOutgoing, learnersNext]);
}

function span(entries: readonly Entry[]): string {
  const [first] = entries;
  return first === undefined
    ? "no entries"
    : `${entries.length} entries, ${first.index} to ${entries.at(-1)?.index}`;
}

function described(entry: Entry | undefined): string {
  if (entry === undefined) {
    return "nothing";
  }
  const { index, term, kind, data } = entry;
  return `${kind} ${index} of term ${term} with ${data.length} bytes [${data.slice(0, 8)}]`;
}
