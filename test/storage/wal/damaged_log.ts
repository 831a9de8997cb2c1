import type { ExecutionContext } from "ava";
import { type Entry, type HardState, membershipOf } from "../../../raft/mod.ts";
import { WalLogStore, type WalRepair } from "../../../storage/wal/mod.ts";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { SeededRandom } from "../../../testing/mod.ts";
import { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import { FileContent } from "../../../testing/simulated_file_system/file_content.ts";
import { SimulatedFileSystem } from "../../../testing/simulated_file_system/simulated_file_system.ts";
import {
  changed,
  describeModel,
  describeStore,
  EMPTY_MODEL,
  type LogOperation,
} from "./log_model.ts";
import { command } from "./wal_directory.ts";

/** Appends of the log that is damaged, one entry or two in each. */
const BATCHES: readonly (readonly Entry[])[] = Array.from(
  { length: 30 },
  (_, at) =>
    at % 3 === 0
      ? [command(1 + at + Math.ceil(at / 3), 1, at), command(2 + at + Math.ceil(at / 3), 1)]
      // Long enough for the promises that follow to be in another sector than the header.
      : at === 4
      ? [command(1 + at + Math.ceil(at / 3), 1, 4_200)]
      : [command(1 + at + Math.ceil(at / 3), 1, 5)],
);

const NAME = "wal/0000000000000001.wal";

/** What comes with some of them: a vote, and what was committed. */
const HARD_STATES = new Map<number, HardState>([
  [7, { term: 1, vote: "a", commit: 0 }],
  [8, { term: 1, vote: "a", commit: 9 }],
]);

export const OPERATIONS: readonly LogOperation[] = BATCHES.flatMap((
  entries,
  at,
): LogOperation[] => [
  { type: "append", batch: { hardState: HARD_STATES.get(at) ?? null, entries } },
  // Within the first segment, so that none is removed.
  ...(at === 12
    ? [{ type: "compact", marker: { index: 4, term: 1, membership: membershipOf(["a"]) } } as const]
    : []),
]);

/** So many operations are there with the last of those that promise something. */
const PROMISED = 1 +
  OPERATIONS.findLastIndex((operation) =>
    operation.type === "compact" || operation.batch.hardState?.commit === 0
  );

/** What the log holds after each number of its operations, as text. */
const STATES = OPERATIONS.reduce(
  (models, operation) => [...models, changed(models.at(-1) ?? EMPTY_MODEL, operation)],
  [EMPTY_MODEL],
).map(describeModel);

/** A file of a log in which something is wrong. */
export interface Damaged {
  readonly bytes: Uint8Array;
  readonly story: string;
}

/** What became of it: so many operations came back, or it was refused with a code. */
export type Outcome = { readonly operations: number; readonly repairs: readonly WalRepair[] } | {
  readonly code: string;
  readonly message: string;
  readonly offset: number;
};

/** A disk with that file on it. */
function diskWith(bytes: Uint8Array | null, executor: VirtualExecutor): SimulatedFileSystem {
  const tree = new DirectoryTree();
  if (bytes !== null) {
    tree.create("wal");
    const content = new FileContent();
    content.write(bytes, 0)();
    tree.add(NAME, content);
    tree.sync("wal")();
  }
  return new SimulatedFileSystem({
    clock: executor,
    random: new SeededRandom(1),
    latency: { callUs: 1, syncUs: 1 },
  }, tree);
}

async function inVirtualTime<Value>(
  use: (executor: VirtualExecutor) => Promise<Value>,
): Promise<Value> {
  const executor = new VirtualExecutor();
  let isOver = false;
  const used = use(executor).finally(() => isOver = true);
  used.catch(() => {});
  await executor.run(() => !isOver);
  executor.close();
  return await used;
}

function newLog(fileSystem: SimulatedFileSystem, repairs: WalRepair[]): WalLogStore {
  return new WalLogStore({
    fileSystem,
    directory: "wal",
    segmentBytes: 16_384,
    randomUint32: () => 0x5eed_5a17,
    // No watermark by time: what confirms the last batch is said by each test.
    setTimer: () => () => {},
    onRepair: (repair) => repairs.push(repair),
  });
}

/** A file of a log. */
export interface WrittenLog {
  readonly bytes: Uint8Array;
  /** Where what was written ends, after each number of operations. */
  readonly ends: readonly number[];
}

/** The file that the operations make; `closes` has a last watermark confirm the last of them. */
export function written({ closes }: { readonly closes: boolean }): Promise<WrittenLog> {
  return inVirtualTime(async (executor) => {
    const disk = diskWith(null, executor);
    const log = newLog(disk, []);
    await log.open();
    const ends = [endOf(bytesOn(disk))];
    for (const operation of OPERATIONS) {
      await (operation.type === "append"
        ? log.append(operation.batch)
        : log.compact(operation.marker));
      ends.push(endOf(bytesOn(disk)));
    }
    if (closes) {
      await log.close();
    }
    return { bytes: bytesOn(disk), ends };
  });
}

function bytesOn(disk: SimulatedFileSystem): Uint8Array {
  const content = disk.tree.find(NAME);
  const bytes = new Uint8Array(content?.size ?? 0);
  content?.read(bytes, 0);
  return bytes;
}

export function opened(bytes: Uint8Array): Promise<Outcome> {
  return inVirtualTime(async (executor) => {
    const repairs: WalRepair[] = [];
    const log = newLog(diskWith(bytes, executor), repairs);
    try {
      const state = await log.open();
      const found = await describeStore(log, state);
      return { operations: STATES.indexOf(found), repairs };
    } catch (error) {
      const { code, message, offset } = error as Error & {
        readonly code: string;
        readonly offset: number;
      };
      return { code, message, offset };
    }
  });
}

/**
 * Nothing that was confirmed is lost without a word, and nothing is invented:
 * all is there; or the last batch is cut, if no watermark has confirmed it; or
 * the file is refused with what the operator can do.
 */
async function assertHonest(
  t: ExecutionContext,
  { bytes, story }: Damaged,
  { confirmed, ends }: { readonly confirmed: number; readonly ends: readonly number[] },
): Promise<"whole" | "cut" | "refused"> {
  const outcome = await opened(bytes);
  if ("code" in outcome) {
    const { code, message, offset } = outcome;
    t.is(code, "WAL_CORRUPT", `${story}: ${message}`);
    t.true(message.includes(NAME) && offset >= 0 && offset <= bytes.length, story);
    t.regex(message, /restore this file from a backup|remove this member/, story);
    return "refused";
  }
  const { operations, repairs } = outcome;
  const count = OPERATIONS.length;
  t.true(operations >= confirmed, `${story}: ${operations} of ${count} operations came back`);
  t.true(repairs.length <= 1 && repairs.every(({ file }) => file === NAME), story);
  // What is lost is reported, if there is anything to be seen of it.
  const isBlank = endOf(bytes) <= (ends[operations] ?? 0);
  t.true(operations === count || repairs.length === 1 || isBlank, `${story}: not reported`);
  return operations === count ? "whole" : "cut";
}

/** A kind of damage, done in every place. */
export interface Damage {
  readonly title: string;
  readonly everywhere: (bytes: Uint8Array) => Iterable<Damaged>;
  /** What of that which was confirmed must be back, if the log is not refused. */
  readonly keeps: (damaged: Damaged, original: Uint8Array) => "all" | "promises" | "nothing";
}

export const ONE_BIT_OF_EVERY_BYTE: Damage = {
  title: "W2: one bit of every byte flipped",
  *everywhere(bytes) {
    for (const position of placesOf(bytes)) {
      const bit = 1 << position % 8;
      yield {
        bytes: changedAt(bytes, position, (byte) => byte ^ bit),
        story: `${position} ^ ${bit}`,
      };
    }
  },
  keeps: () => "all",
};

export const EVERY_BIT: Damage = {
  title: "W2: every bit flipped",
  *everywhere(bytes) {
    for (const position of placesOf(bytes)) {
      for (let bit = 1; bit < 256; bit *= 2) {
        yield {
          bytes: changedAt(bytes, position, (byte) => byte ^ bit),
          story: `${position} ^ ${bit}`,
        };
      }
    }
  },
  keeps: () => "all",
};

export const DAMAGES: readonly Damage[] = [
  {
    title: "W1: cut at every byte",
    *everywhere(bytes) {
      for (const length of placesOf(bytes)) {
        yield { bytes: bytes.slice(0, length), story: `cut at ${length}` };
      }
    },
    keeps: () => "all",
  },
  {
    title: "W2: every byte 0x00 or 0xff",
    *everywhere(bytes) {
      for (const position of placesOf(bytes)) {
        for (const pattern of [0x00, 0xff]) {
          yield {
            bytes: changedAt(bytes, position, () => pattern),
            story: `${position} = ${pattern}`,
          };
        }
      }
    },
    keeps: () => "all",
  },
  {
    title: "W3: zeros from every byte to the end",
    *everywhere(bytes) {
      for (const position of placesOf(bytes)) {
        yield { bytes: bytes.slice().fill(0, position), story: `zeros from ${position}` };
      }
    },
    keeps: () => "nothing",
  },
  {
    title: "W5: every sector lost",
    *everywhere(bytes) {
      for (let position = 0; position < endOf(bytes); position += 512) {
        yield {
          bytes: bytes.slice().fill(0, position, position + 512),
          story: `zeros from ${position} to ${position + 512}`,
        };
      }
    },
    keeps: ({ bytes }, original) => endOf(bytes) < endOf(original) ? "nothing" : "all",
  },
  {
    title: "W5: every sector of 4 KiB zeros or 0xff",
    *everywhere(bytes) {
      for (let position = 0; position < endOf(bytes); position += 4_096) {
        for (const pattern of [0x00, 0xff]) {
          yield {
            bytes: bytes.slice().fill(pattern, position, position + 4_096),
            story: `${pattern} from ${position} on`,
          };
        }
      }
    },
    // The last one takes entries together with what confirms them.
    keeps: ({ bytes }, original) =>
      bytes.slice(0, endOf(original) - endOf(original) % 4_096)
          .every((byte, at) => byte === original[at])
        ? "promises"
        : "all",
  },
];

/** Damages a log everywhere, and opens each of what comes of it. */
export async function assertHonestEverywhere(
  t: ExecutionContext,
  { everywhere, keeps }: Damage,
  { closes }: { readonly closes: boolean },
): Promise<void> {
  const { bytes, ends } = await written({ closes });
  const confirmed = { all: OPERATIONS.length - (closes ? 0 : 1), promises: PROMISED, nothing: 0 };
  const counts = { whole: 0, cut: 0, refused: 0 };
  for (const damaged of everywhere(bytes)) {
    const kept = confirmed[keeps(damaged, bytes)];
    counts[await assertHonest(t, damaged, { confirmed: kept, ends })] += 1;
  }
  t.log(counts);
  t.true(counts.cut + counts.refused > 0);
}

/** Each place up to the end of what was written; of filler, which is all alike, a few. */
export function* placesOf(bytes: Uint8Array): Generator<number> {
  const end = endOf(bytes);
  let zeros = 0;
  for (let place = 0; place <= end; place += 1) {
    zeros = bytes[place] === 0 ? zeros + 1 : 0;
    if (zeros < 64 || place % 61 === 0) {
      yield place;
    }
  }
}

/** Where the last byte that is not zero ends. */
export function endOf(bytes: Uint8Array): number {
  return bytes.findLastIndex((byte) => byte !== 0) + 1;
}

function changedAt(
  bytes: Uint8Array,
  position: number,
  change: (byte: number) => number,
): Uint8Array {
  const copy = bytes.slice();
  copy[position] = change(copy[position] ?? 0);
  return copy;
}
