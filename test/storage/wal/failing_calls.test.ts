import test, { type ExecutionContext } from "ava";
import { StorageFailedError } from "../../../storage/mod.ts";
import { WalLogStore, type WalLogStoreOptions } from "../../../storage/wal/mod.ts";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { SeededRandom } from "../../../testing/mod.ts";
import type { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import type { FileCall } from "../../../testing/simulated_file_system/file_call.ts";
import type { FaultOf, FileFault } from "../../../testing/simulated_file_system/file_fault.ts";
import { PowerCut } from "../../../testing/simulated_file_system/power_cut.ts";
import { SimulatedFileSystem } from "../../../testing/simulated_file_system/simulated_file_system.ts";
import {
  changed,
  describeModel,
  describeStore,
  EMPTY_MODEL,
  type LogModel,
  type LogOperation,
} from "./log_model.ts";
import { LogScript } from "./log_script.ts";

/** Changes that a log is put through. */
const OPERATIONS = 45;

/** Calls that change what is on the disk; after one has failed nobody knows what is there. */
const CHANGING: ReadonlySet<FileCall> = new Set<FileCall>([
  "write",
  "writeDurably",
  "dataSync",
  "truncate",
  "rename",
  "remove",
  "syncDirectory",
]);

/** How a life of a log ended. */
interface Ended {
  readonly files: SimulatedFileSystem;
  readonly acknowledged: LogModel;
  /** What failed, and the call that the fault struck. */
  readonly operation: LogOperation | "open" | "close" | null;
  readonly error: unknown;
  readonly struck: FileCall | null;
  /** Whether every later call was refused, even if nothing goes wrong any more. */
  readonly isPoisoned: boolean;
}

type Sizes = Required<Pick<WalLogStoreOptions, "segmentBytes" | "zerosAheadBytes">>;

/** Many segments, and zeros in steps that a few frames need. */
const SMALL: Sizes = { segmentBytes: 8_192, zerosAheadBytes: 2_048 };

/** One segment with holes in it. */
const FILLED: Sizes = { segmentBytes: 65_536, zerosAheadBytes: 8_192 };

/** Likewise, and every frame is too long to be worth filling for. */
const HOLED: Sizes = { segmentBytes: 65_536, zerosAheadBytes: 256 };

function newLog(
  fileSystem: SimulatedFileSystem,
  executor: VirtualExecutor,
  sizes: Sizes,
): WalLogStore {
  return new WalLogStore({
    ...sizes,
    fileSystem,
    directory: "wal",
    setTimer: (delayMs, callback) => executor.setTimer(delayMs, callback),
  });
}

/** What goes wrong for a log. */
interface Trouble {
  /** The call that the fault strikes. */
  readonly nth: number;
  readonly fault: FileFault;
  /** What strikes each one after it; nothing by default. */
  readonly then?: FileFault;
  readonly capacityBytes?: number;
  /** Default: small. */
  readonly sizes?: Sizes;
  /** Whether there was a life before, whose last write was torn. Default: false. */
  readonly isTorn?: boolean;
}

/** Plays the log until something fails. */
async function play(
  executor: VirtualExecutor,
  { nth, fault, then, capacityBytes, sizes = SMALL, isTorn = false }: Trouble,
): Promise<Ended> {
  let calls = 0;
  let struck: FileCall | null = null;
  const faultOf: FaultOf = ({ call }) => {
    calls += 1;
    if (calls !== nth) {
      return calls > nth ? then ?? null : null;
    }
    struck = call;
    return fault;
  };
  const files = new SimulatedFileSystem({
    clock: executor,
    random: new SeededRandom(3),
    latency: { callUs: 10, syncUs: 100 },
    faultOf,
    ...(capacityBytes === undefined ? {} : { capacityBytes }),
  }, isTorn ? await tornTree(executor, sizes) : undefined);
  const script = new LogScript(new SeededRandom(11));
  const log = newLog(files, executor, sizes);
  let acknowledged = EMPTY_MODEL;
  let operation: Ended["operation"] = "open";
  try {
    await log.open();
    for (let count = 0; count < OPERATIONS; count += 1) {
      const next = script.next();
      operation = next;
      await perform(log, next);
      acknowledged = changed(acknowledged, next);
      if (count % 7 === 0) {
        await executor.sleep(20_000);
      }
    }
    operation = "close";
    await log.close();
    return { files, acknowledged, operation: null, error: null, struck, isPoisoned: false };
  } catch (error) {
    const isPoisoned = operation === "open" || operation === "close" ||
      await isRefused(log, operation);
    return { files, acknowledged, operation, error, struck, isPoisoned };
  }
}

/** A disk on which nothing goes wrong. */
function newFiles(executor: VirtualExecutor, tree?: DirectoryTree): SimulatedFileSystem {
  return new SimulatedFileSystem({
    clock: executor,
    random: new SeededRandom(5),
    latency: { callUs: 10, syncUs: 100 },
  }, tree);
}

/** An empty log, and something behind its end, as of a frame whose beginning was lost. */
async function tornTree(executor: VirtualExecutor, sizes: Sizes): Promise<DirectoryTree> {
  const files = newFiles(executor);
  const log = newLog(files, executor, sizes);
  await log.open();
  await log.close();
  const tree = files.exit();
  tree.find("wal/0000000000000001.wal")?.write(Uint8Array.of(1, 2, 3), 1_000)();
  return tree;
}

function perform(log: WalLogStore, operation: LogOperation): Promise<void> {
  return operation.type === "append" ? log.append(operation.batch) : log.compact(operation.marker);
}

async function isRefused(log: WalLogStore, operation: LogOperation): Promise<boolean> {
  const refusals = await Promise.allSettled([
    perform(log, operation),
    log.append({ hardState: { term: 99, vote: null, commit: 0 }, entries: [] }),
    log.entries({ low: 1, high: 2, maxBytes: 1 }),
  ]);
  return refusals.every((each) =>
    each.status === "rejected" && each.reason instanceof StorageFailedError
  );
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

/**
 * A fresh process finds what the disk has: all that was acknowledged, and perhaps
 * what failed. What it finds a power cut does not take, even if it lost what was
 * in memory alone.
 */
async function assertRestarts(
  t: ExecutionContext,
  { acknowledged, operation }: Ended,
  { tree, story }: { readonly tree: DirectoryTree; readonly story: string },
): Promise<void> {
  await inVirtualTime(async (executor) => {
    const files = newFiles(executor, tree);
    const log = newLog(files, executor, SMALL);
    const found = await describeStore(log, await log.open());
    const wanted = [
      acknowledged,
      ...(operation === null || typeof operation === "string"
        ? []
        : [changed(acknowledged, operation)]),
    ].map(describeModel);
    t.true(wanted.includes(found), story);
    const left = new PowerCut(new SeededRandom(1), { loss: "all" }).strike(files.tree);
    const later = newLog(newFiles(executor, left), executor, SMALL);
    t.is(await describeStore(later, await later.open()), found, `${story}, and the power`);
    await later.close();
    await log.append({ hardState: { term: 99, vote: "c", commit: 0 }, entries: [] });
    await log.close();
  });
}

for (
  const { title, fault } of [
    { title: "W7: with an i/o error", fault: { type: "error", code: "EIO" } },
    {
      title: "W7: written but not synced",
      fault: { type: "error", code: "EIO", writtenBytes: Infinity },
    },
    {
      title: "W8: with no space, after some bytes",
      fault: { type: "error", code: "ENOSPC", writtenBytes: 21 },
    },
    { title: "W8: with the quota exceeded", fault: { type: "error", code: "EDQUOT" } },
    { title: "W17: on a read-only file system", fault: { type: "error", code: "EROFS" } },
  ] satisfies readonly { title: string; fault: FileFault }[]
) {
  test(`${title}, each call fails once: WalLogStore is out of use, and restarts with what it had acknowledged`, async (t) => {
    const struckCalls = new Map<FileCall, number>();
    for (let nth = 1;; nth += 1) {
      const ended = await inVirtualTime((executor) => play(executor, { nth, fault }));
      const { struck, files, operation, error } = ended;
      if (struck === null) {
        break;
      }
      struckCalls.set(struck, (struckCalls.get(struck) ?? 0) + 1);
      const story = `call ${nth}, ${struck}`;
      if (operation === null) {
        // What nobody waited for: a watermark by time, or the closing of a file.
        t.true(CHANGING.has(struck) || struck === "close" || struck === "read", story);
      } else {
        t.true(error instanceof Error, story);
        t.true(ended.isPoisoned, `${story}: refused from then on`);
      }
      const remains = files.tree;
      for (const loss of ["none", "all"] as const) {
        const tree = new PowerCut(new SeededRandom(nth), { loss }).strike(remains);
        await assertRestarts(t, ended, { tree, story: `${story}, loses ${loss}` });
      }
      await assertRestarts(t, ended, { tree: files.exit(), story: `${story}, process killed` });
    }
    t.log(Object.fromEntries(struckCalls));
    ["open", "writeDurably", "dataSync", "rename", "syncDirectory", "truncate", "remove"]
      .forEach((call) => t.true((struckCalls.get(call as FileCall) ?? 0) > 0, call));
  });
}

for (
  const { title, trouble } of [
    { title: "in zeros", trouble: { sizes: FILLED } },
    { title: "in holes", trouble: { sizes: HOLED } },
    { title: "in the place of what it cut", trouble: { sizes: FILLED, isTorn: true } },
  ]
) {
  test(`W17: WalLogStore whose file system turns read-only at any call has what it acknowledged, ${title}`, async (t) => {
    const fault: FileFault = { type: "readOnlyMoment" };
    let nth = 1;
    for (let isStruck = true; isStruck; nth += 1) {
      for (const then of [fault, { type: "error", code: "EROFS" }] as const) {
        const ended = await inVirtualTime((executor) =>
          play(executor, { nth, fault, then, ...trouble })
        );
        isStruck = ended.struck !== null;
        const story = `call ${nth}, ${ended.struck}, then ${JSON.stringify(then)}`;
        for (const loss of ["none", "all"] as const) {
          const tree = new PowerCut(new SeededRandom(nth), { loss }).strike(ended.files.tree);
          await assertRestarts(t, ended, { tree, story: `${story}, loses ${loss}` });
        }
      }
    }
    t.true(nth > 60, `${nth} calls`);
  });
}

test("W7: WalLogStore whose zeros could not be written takes no append, in a new segment neither", async (t) => {
  await inVirtualTime(async (executor) => {
    let isArmed = false;
    const files = new SimulatedFileSystem({
      clock: executor,
      random: new SeededRandom(3),
      latency: { callUs: 10, syncUs: 100 },
      faultOf: ({ call, bytes }) =>
        isArmed && call === "writeDurably" && bytes === SMALL.zerosAheadBytes
          ? { type: "error", code: "EIO" }
          : null,
    });
    const log = newLog(files, executor, SMALL);
    const append = (index: number, bytes: number) =>
      log.append({
        hardState: null,
        entries: [{ term: 1, index, kind: "command", data: new Uint8Array(bytes) }],
      });
    await log.open();
    isArmed = true;
    await append(1, 4);
    await executor.sleep(5_000);
    // It does not fit, and needs none of these zeros.
    await t.throwsAsync(() => append(2, SMALL.segmentBytes), { instanceOf: StorageFailedError });
  });
});

test("W8: WalLogStore whose disk fills up at any size says so, and goes on once there is room", async (t) => {
  const sizes = new Set<number>();
  for (let blocks = 1;; blocks += 1) {
    const fault = { type: "error", code: "EIO" } as const;
    const ended = await inVirtualTime((executor) =>
      play(executor, { nth: 0, fault, capacityBytes: blocks * 4_096 })
    );
    const { operation, error, files, acknowledged } = ended;
    if (operation === null) {
      break;
    }
    t.regex(String(error), /ENOSPC/, `${blocks} blocks`);
    t.true(ended.isPoisoned, `${blocks} blocks`);
    sizes.add(acknowledged.entries.length);
    await assertRestarts(t, ended, { tree: files.exit(), story: `${blocks} blocks` });
  }
  t.true(sizes.size > 3, [...sizes].join());
});
