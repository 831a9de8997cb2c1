import {
  type DropReason,
  type Entry,
  type EntryId,
  type EntryKind,
  type ForwardedProposal,
  invariant,
  type NodeId,
  type SnapshotMeta,
} from "../raft/mod.ts";
import { FrameError } from "./errors.ts";
import { TEXT_BYTES_MAX } from "./frame_scan.ts";
import type { ValueReader } from "./value_reader.ts";

/** How a field of a message stands among the values of its list. */
export interface FieldFormat<T> {
  /** Appends to the values. What breaks the rules is the sender's bug: `InvariantError`. */
  write(values: unknown[], value: T): void;
  /** @throws {FrameError} if what comes next is not such a field. */
  read(reader: ValueReader): T;
}

export const UINT: FieldFormat<number> = {
  write: writeUint,
  read: (reader) => reader.uint(),
};

/** A number that may be missing at the end of a message: then it takes no room. */
export const OPTIONAL_UINT: FieldFormat<number | undefined> = {
  write(values, value) {
    if (value !== undefined) {
      writeUint(values, value);
    }
  },
  read: (reader) => reader.left > 0 ? reader.uint() : undefined,
};

export const BOOLEAN: FieldFormat<boolean> = {
  write: (values, value) => void values.push(value),
  read: (reader) => reader.boolean(),
};

/** Term, index. */
export const ENTRY_ID: FieldFormat<EntryId> = {
  write(values, { term, index }) {
    writeUint(values, term);
    writeUint(values, index);
  },
  read: (reader) => ({ term: reader.uint(), index: reader.uint() }),
};

/** A list of numbers. */
export const UINTS: FieldFormat<readonly number[]> = {
  write(values, numbers) {
    const list: unknown[] = [];
    numbers.forEach((value) => writeUint(list, value));
    values.push(list);
  },
  read(reader) {
    const list = reader.list();
    const numbers: number[] = [];
    while (list.left > 0) {
      numbers.push(list.uint());
    }
    return numbers;
  },
};

/**
 * A list: the index of the first entry, then term, kind and data of each. Flat,
 * since an array and an index for each entry would double what it costs.
 */
export const ENTRIES: FieldFormat<readonly Entry[]> = {
  write(values, entries) {
    const list: unknown[] = [];
    entries.forEach(({ term, index, kind, data }, position) => {
      if (position === 0) {
        writeUint(list, index);
      }
      invariant(index === (entries[0]?.index ?? 0) + position, "indexes are consecutive", index);
      writeUint(list, term);
      writeUint(list, ENTRY_KINDS.indexOf(kind));
      list.push(data);
    });
    values.push(list);
  },
  read(reader) {
    const list = reader.list();
    const entries: Entry[] = [];
    if (list.left === 0) {
      return entries;
    }
    const firstIndex = list.positive();
    const count = Math.ceil(list.left / 3);
    // The parentheses matter: above 2^53, sums are rounded.
    if (count === 0 || !Number.isSafeInteger(firstIndex + (count - 1))) {
      throw new FrameError(`${count} entries from index ${firstIndex} on`);
    }
    for (let index = firstIndex; list.left > 0; index += 1) {
      entries.push({ term: list.positive(), index, kind: readKind(list), data: list.bytes() });
    }
    return entries;
  },
};

/** A list: id and data of each. */
export const PROPOSALS: FieldFormat<readonly ForwardedProposal[]> = {
  write(values, proposals) {
    const list: unknown[] = [];
    proposals.forEach(({ id, data }) => {
      writeUint(list, id);
      list.push(data);
    });
    values.push(list);
  },
  read(reader) {
    const list = reader.list();
    const proposals: ForwardedProposal[] = [];
    while (list.left > 0) {
      proposals.push({ id: list.uint(), data: list.bytes() });
    }
    return proposals;
  },
};

/** Term and index of the last entry, then the four lists of the membership. */
export const SNAPSHOT_META: FieldFormat<SnapshotMeta> = {
  write(values, { last, membership }) {
    ENTRY_ID.write(values, last);
    const { voters, learners, votersOutgoing, learnersNext } = membership;
    [voters, learners, votersOutgoing, learnersNext].forEach((ids) => writeIds(values, ids));
  },
  read: (reader) => ({
    last: ENTRY_ID.read(reader),
    membership: {
      voters: readIds(reader),
      learners: readIds(reader),
      votersOutgoing: readIds(reader),
      learnersNext: readIds(reader),
    },
  }),
};

/** The number of a reason. */
export const DROP_REASON: FieldFormat<DropReason> = {
  write(values, reason) {
    const number = DROP_REASONS.indexOf(reason);
    invariant(number !== -1, "reasons are of this protocol", reason);
    values.push(number);
  },
  read(reader) {
    const number = reader.uint();
    const reason = DROP_REASONS[number];
    if (reason === undefined) {
      throw new FrameError(`unknown reason ${number}`);
    }
    return reason;
  },
};

/** Appends a member's id. */
export function writeId(values: unknown[], id: NodeId): void {
  // An id has at most three bytes for each of its units, so most need not be counted.
  const isShort = id.length * 3 <= TEXT_BYTES_MAX ||
    new TextEncoder().encode(id).length <= TEXT_BYTES_MAX;
  invariant(id !== "" && isShort && id.isWellFormed(), "ids are short text, not empty", id);
  values.push(id);
}

/** The position in this list is the number in the frame: only ever add at its end. */
const ENTRY_KINDS: readonly EntryKind[] = ["command", "noop", "membership"];

/** The position in this list is the number in the frame: only ever add at its end. */
const DROP_REASONS: readonly DropReason[] = [
  "noLeader",
  "uncommittedLimit",
  "transferring",
  "removed",
];

function readKind(reader: ValueReader): EntryKind {
  const number = reader.uint();
  const kind = ENTRY_KINDS[number];
  if (kind === undefined) {
    throw new FrameError(`unknown kind of entry ${number}`);
  }
  return kind;
}

function writeUint(values: unknown[], value: number): void {
  invariant(Number.isSafeInteger(value) && value >= 0, "numbers are safe and not negative", value);
  values.push(value);
}

function writeIds(values: unknown[], ids: readonly NodeId[]): void {
  const list: unknown[] = [];
  ids.forEach((id) => writeId(list, id));
  values.push(list);
}

function readIds(reader: ValueReader): NodeId[] {
  const list = reader.list();
  const ids: NodeId[] = [];
  while (list.left > 0) {
    ids.push(list.id());
  }
  return ids;
}
