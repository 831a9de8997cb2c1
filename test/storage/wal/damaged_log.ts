import type { ExecutionContext } from "ava";
import type { Entry } from "../../../raft/mod.ts";
import { WalLogStore, type WalRepair } from "../../../storage/wal/mod.ts";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { SeededRandom } from "../../../testing/mod.ts";
import { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import { FileContent } from "../../../testing/simulated_file_system/file_content.ts";
import { SimulatedFileSystem } from "../../../testing/simulated_file_system/simulated_file_system.ts";
import { changed, describeModel, describeStore, EMPTY_MODEL } from "./log_model.ts";
import { command } from "./wal_directory.ts";

/** Appends of the log that is damaged, one entry or two in each. */
export const BATCHES: readonly (readonly Entry[])[] = Array.from(
  { length: 30 },
  (_, at) =>
    at % 3 === 0
      ? [command(1 + at + Math.ceil(at / 3), 1, at), command(2 + at + Math.ceil(at / 3), 1)]
      : [command(1 + at + Math.ceil(at / 3), 1, 5)],
);

const NAME = "wal/0000000000000001.wal";

/** What the log holds after each number of its batches, as text. */
const STATES = BATCHES.reduce(
  (models, entries) => {
    const last = models.at(-1) ?? EMPTY_MODEL;
    return [...models, changed(last, { type: "append", batch: { hardState: null, entries } })];
  },
  [EMPTY_MODEL],
).map(describeModel);

/** A file of a log in which something is wrong. */
export interface Damaged {
  readonly bytes: Uint8Array;
  readonly story: string;
}

/** What became of it: so many batches came back, or it was refused with a code. */
export type Outcome = { readonly batches: number; readonly repairs: readonly WalRepair[] } | {
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
    segmentBytes: 8_192,
    // No watermark by time: what confirms the last batch is said by each test.
    setTimer: () => () => {},
    onRepair: (repair) => repairs.push(repair),
  });
}

/** The file that the batches make; `closes` has a last watermark confirm the last of them. */
export function written({ closes }: { readonly closes: boolean }): Promise<Uint8Array> {
  return inVirtualTime(async (executor) => {
    const disk = diskWith(null, executor);
    const log = newLog(disk, []);
    await log.open();
    for (const entries of BATCHES) {
      await log.append({ hardState: null, entries });
    }
    if (closes) {
      await log.close();
    }
    const content = disk.tree.find(NAME);
    const bytes = new Uint8Array(content?.size ?? 0);
    content?.read(bytes, 0);
    return bytes;
  });
}

export function opened(bytes: Uint8Array): Promise<Outcome> {
  return inVirtualTime(async (executor) => {
    const repairs: WalRepair[] = [];
    const log = newLog(diskWith(bytes, executor), repairs);
    try {
      const state = await log.open();
      const found = await describeStore(log, state);
      return { batches: STATES.indexOf(found), repairs };
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
  { confirmed }: { readonly confirmed: number },
): Promise<"whole" | "cut" | "refused"> {
  const outcome = await opened(bytes);
  if ("code" in outcome) {
    const { code, message, offset } = outcome;
    if (code === "WAL_VERSION") {
      t.regex(message, /Run the release that wrote it/, story);
    } else {
      t.is(code, "WAL_CORRUPT", `${story}: ${message}`);
      t.true(message.includes(NAME) && offset >= 0 && offset <= bytes.length, story);
      t.regex(message, /restore this file from a backup|remove this member/, story);
    }
    return "refused";
  }
  const { batches, repairs } = outcome;
  t.true(batches >= confirmed, `${story}: ${batches} of ${BATCHES.length} batches came back`);
  t.true(repairs.length <= 1 && repairs.every(({ file }) => file === NAME), story);
  return batches === BATCHES.length ? "whole" : "cut";
}

/** A kind of damage, done in every place. */
export interface Damage {
  readonly title: string;
  readonly everywhere: (bytes: Uint8Array) => Iterable<Damaged>;
  /** Whether a whole end of the file goes, which looks like one that was never written. */
  readonly takesEnd: (story: Damaged, original: Uint8Array) => boolean;
}

export const ONE_BIT_OF_EVERY_BYTE: Damage = {
  title: "W2: one bit of every byte flipped",
  *everywhere(bytes) {
    for (let position = 0; position < endOf(bytes); position += 1) {
      const bit = 1 << position % 8;
      yield {
        bytes: changedAt(bytes, position, (byte) => byte ^ bit),
        story: `${position} ^ ${bit}`,
      };
    }
  },
  takesEnd: () => false,
};

export const EVERY_BIT: Damage = {
  title: "W2: every bit flipped",
  *everywhere(bytes) {
    for (let position = 0; position < endOf(bytes); position += 1) {
      for (let bit = 1; bit < 256; bit *= 2) {
        yield {
          bytes: changedAt(bytes, position, (byte) => byte ^ bit),
          story: `${position} ^ ${bit}`,
        };
      }
    }
  },
  takesEnd: () => false,
};

export const DAMAGES: readonly Damage[] = [
  {
    title: "W1: cut at every byte",
    *everywhere(bytes) {
      for (let length = 0; length <= endOf(bytes); length += 1) {
        yield { bytes: bytes.slice(0, length), story: `cut at ${length}` };
      }
    },
    takesEnd: () => true,
  },
  {
    title: "W2: every byte 0x00 or 0xff",
    *everywhere(bytes) {
      for (let position = 0; position < endOf(bytes); position += 1) {
        for (const pattern of [0x00, 0xff]) {
          yield {
            bytes: changedAt(bytes, position, () => pattern),
            story: `${position} = ${pattern}`,
          };
        }
      }
    },
    takesEnd: () => false,
  },
  {
    title: "W3: zeros from every byte to the end",
    *everywhere(bytes) {
      for (let position = 0; position <= endOf(bytes); position += 1) {
        yield { bytes: bytes.slice().fill(0, position), story: `zeros from ${position}` };
      }
    },
    takesEnd: () => true,
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
    takesEnd: ({ bytes }, original) => endOf(bytes) < endOf(original),
  },
];

/** Damages a log everywhere, and opens each of what comes of it. */
export async function assertHonestEverywhere(
  t: ExecutionContext,
  { everywhere, takesEnd }: Damage,
  { closes }: { readonly closes: boolean },
): Promise<void> {
  const bytes = await written({ closes });
  const counts = { whole: 0, cut: 0, refused: 0 };
  for (const damaged of everywhere(bytes)) {
    const confirmed = takesEnd(damaged, bytes) ? 0 : BATCHES.length - (closes ? 0 : 1);
    counts[await assertHonest(t, damaged, { confirmed })] += 1;
  }
  t.log(counts);
  t.true(counts.cut + counts.refused > 0);
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
