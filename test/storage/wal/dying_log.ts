import type { ExecutionContext } from "ava";
import type { LogState } from "../../../raft/mod.ts";
import { WalLogStore, type WalRepair } from "../../../storage/wal/mod.ts";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { SeededRandom } from "../../../testing/mod.ts";
import type { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import type { FileContent } from "../../../testing/simulated_file_system/file_content.ts";
import {
  PowerCut,
  type PowerCutOptions,
  type TearGrain,
} from "../../../testing/simulated_file_system/power_cut.ts";
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

const SEGMENT_BYTES = 8_192;

/** A frame with one entry that has no data. */
const EMPTY_ENTRY_BYTES = 64;

/** Every kind of loss, those that chance decides more than once. */
const LOSSES: readonly PowerCutOptions[] = [
  { loss: "none" },
  { loss: "all" },
  ...(["byte", "sector", "page"] as const satisfies readonly TearGrain[]).flatMap((grain) => [
    { loss: "suffix", grain } as const,
    { loss: "any", grain } as const,
  ]),
];

/** Beyond all terms that a script comes to. */
const LATER_TERM = 1_000_000;

/** What a power cut left, and what may have become of the log. */
interface Remains {
  readonly tree: DirectoryTree;
  readonly call: string;
  readonly loss: PowerCutOptions;
  /** What was acknowledged. */
  readonly acknowledged: LogModel;
  /** What was under way. */
  readonly operation: LogOperation | null;
}

/** What a log is put through. */
export interface Trace {
  /** Calls of the file system, at least. */
  readonly callsMin: number;
  /** How far ahead of its frames it fills a segment of 8 KiB with zeros. */
  readonly zerosAheadBytes: number;
}

/** How a trace fills its segments: at once, in steps, and hardly, so that frames go into holes. */
export const FILLS: readonly { readonly fills: string; readonly zerosAheadBytes: number }[] = [
  { fills: "filled with zeros at once", zerosAheadBytes: SEGMENT_BYTES },
  { fills: "filled in steps", zerosAheadBytes: 2_048 },
  { fills: "with holes", zerosAheadBytes: 64 },
];

/** A log on a simulated disk that dies at each of its calls, and goes on all the same. */
class DyingDisk {
  readonly executor: VirtualExecutor = new VirtualExecutor();
  readonly #random = new SeededRandom(7);
  readonly #losses = new SeededRandom(8);
  readonly #script = new LogScript(this.#random);
  #files: SimulatedFileSystem = this.#newFiles();
  #log: WalLogStore;
  #acknowledged = EMPTY_MODEL;
  #operation: LogOperation | null = null;
  #remains: Remains[] = [];
  #calls = 0;
  readonly #trace: Trace;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#log = this.#newLog();
  }

  get calls(): number {
    return this.#calls;
  }

  /** Goes on until there is something that a power cut would have left, or the script ends. */
  async runTo(playing: { isOver: boolean }): Promise<Remains[]> {
    await this.executor.run(() => this.#remains.length === 0 && !playing.isOver);
    return this.#remains.splice(0);
  }

  async play(): Promise<void> {
    await this.#log.open();
    while (this.#calls < this.#trace.callsMin) {
      this.#operation = this.#script.next();
      await (this.#operation.type === "append"
        ? this.#log.append(this.#operation.batch)
        : this.#log.compact(this.#operation.marker));
      this.#acknowledged = changed(this.#acknowledged, this.#operation);
      this.#operation = null;
      if (this.#random.chance(0.1)) {
        // Long enough for the watermark of what stands alone.
        await this.executor.sleep(20_000);
      }
      if (this.#random.chance(0.03)) {
        await this.#log.close();
        this.#files = this.#newFiles(this.#files.exit());
        this.#log = this.#newLog();
        await this.#log.open();
      }
    }
    await this.#log.close();
  }

  #newLog(): WalLogStore {
    const { zerosAheadBytes } = this.#trace;
    return newLog(this.#files, this.executor, { zerosAheadBytes });
  }

  #newFiles(tree?: DirectoryTree): SimulatedFileSystem {
    const files: SimulatedFileSystem = new SimulatedFileSystem({
      clock: this.executor,
      random: this.#random,
      latency: { callUs: 10, syncUs: 100 },
      onCall: (call, path) => {
        this.#calls += 1;
        this.#loseAll(files.tree, `${this.#calls}: before ${call} ${path}`);
      },
      onBegun: (call, path) => this.#loseAll(files.tree, `${this.#calls}: during ${call} ${path}`),
    }, tree);
    return files;
  }

  /** Notes what each kind of loss would leave now. */
  #loseAll(tree: DirectoryTree, call: string): void {
    for (const loss of LOSSES) {
      this.#remains.push({
        tree: new PowerCut(this.#losses, loss).strike(tree),
        call,
        loss,
        acknowledged: this.#acknowledged,
        operation: this.#operation,
      });
    }
  }
}

function newLog(
  fileSystem: SimulatedFileSystem,
  executor: VirtualExecutor,
  { repairs = [], zerosAheadBytes = SEGMENT_BYTES }: {
    readonly repairs?: WalRepair[];
    readonly zerosAheadBytes?: number;
  } = {},
): WalLogStore {
  return new WalLogStore({
    fileSystem,
    directory: "wal",
    identity: "member",
    segmentBytes: SEGMENT_BYTES,
    zerosAheadBytes,
    randomUint32: () => 0x5eed_5a17,
    setTimer: (delayMs, callback) => executor.setTimer(delayMs, callback),
    onRepair: (repair) => repairs.push(repair),
  });
}

/** Opens what is left, twice, with an append in between. Returns what became of the operation. */
async function assertRecovers(
  t: ExecutionContext,
  { tree, call, loss, acknowledged, operation }: Remains,
): Promise<"none" | "lost" | "survived"> {
  const executor = new VirtualExecutor();
  const story = `${JSON.stringify(loss)} at call ${call}`;
  const live = async (
    files: SimulatedFileSystem,
    repairs: WalRepair[],
    use: (log: WalLogStore, found: string, state: LogState) => Promise<void>,
  ) => {
    let isOver = false;
    const life = (async () => {
      const log = newLog(files, executor, { repairs });
      const state = await log.open();
      await use(log, await describeStore(log, state), state);
      await log.close();
    })().finally(() => isOver = true);
    life.catch(() => {});
    await executor.run(() => !isOver);
    await life;
  };
  const files = (left: DirectoryTree) =>
    new SimulatedFileSystem({
      clock: executor,
      random: new SeededRandom(1),
      latency: { callUs: 10, syncUs: 100 },
    }, left);
  const wanted = [
    acknowledged,
    ...(operation === null ? [] : [changed(acknowledged, operation)]),
  ].map(describeModel);
  let fate: "none" | "lost" | "survived" = "none";
  const first = files(tree);
  let after = "";
  let isSuspect = false;
  await live(first, [], async (log, found, { lastIndex, hardState }) => {
    isSuspect = hardState.isSuspect === true;
    t.true(wanted.includes(found), story);
    fate = operation === null ? "none" : found === wanted[0] ? "lost" : "survived";
    const entry = {
      term: LATER_TERM,
      index: lastIndex + 1,
      kind: "command",
      data: Uint8Array.of(1),
    } as const;
    await log.append({ hardState: null, entries: [entry] });
    const model = JSON.parse(found);
    model.entries.push([entry.index, LATER_TERM, "command", "AQ=="]);
    after = JSON.stringify(model);
  });
  const repairs: WalRepair[] = [];
  await live(files(first.exit()), repairs, (_log, found, { hardState }) => {
    t.is(found, after, story);
    t.is(hardState.isSuspect === true, isSuspect, `${story}: no doubt is forgotten`);
    return Promise.resolve();
  });
  t.deepEqual(repairs, [], `${story}: nothing is left to cut`);
  return fate;
}

/**
 * Plays a log on a disk that loses its power at each of so many calls, with
 * every kind of loss, and opens what each of these leaves: all that was
 * acknowledged is there, and of what was under way all or nothing.
 */
export async function assertSurvivesEveryCall(
  t: ExecutionContext,
  trace: Trace,
): Promise<void> {
  const { callsMin } = trace;
  const disk = new DyingDisk(trace);
  const playing = { isOver: false };
  const played = disk.play().finally(() => playing.isOver = true);
  played.catch(() => {});
  const fates = { none: 0, lost: 0, survived: 0 };
  while (!playing.isOver) {
    for (const remains of await disk.runTo(playing)) {
      fates[await assertRecovers(t, remains)] += 1;
    }
  }
  await played;
  t.true(disk.calls >= callsMin);
  t.log(`${disk.calls} calls`, fates);
  Object.entries(fates).forEach(([fate, count]) =>
    t.true(count > callsMin / 10, `${fate}: ${count}`)
  );
}

/** What each power cut within `use` would leave of the disk, with every kind of loss. */
async function cutsWithin(
  tree: DirectoryTree | undefined,
  use: (log: WalLogStore) => Promise<void>,
): Promise<{ readonly left: DirectoryTree; readonly cuts: DirectoryTree[] }> {
  const executor = new VirtualExecutor();
  const losses = new SeededRandom(3);
  const cuts: DirectoryTree[] = [];
  const files: SimulatedFileSystem = new SimulatedFileSystem({
    clock: executor,
    random: new SeededRandom(1),
    latency: { callUs: 10, syncUs: 100 },
    onCall: () =>
      LOSSES.forEach((loss) => cuts.push(new PowerCut(losses, loss).strike(files.tree))),
  }, tree);
  let isOver = false;
  const life = use(newLog(files, executor)).finally(() => isOver = true);
  life.catch(() => {});
  await executor.run(() => !isOver);
  await life;
  return { left: files.exit(), cuts };
}

/** Opens what is left, and says whether it is suspect. */
async function opensSuspect(tree: DirectoryTree): Promise<boolean> {
  let isSuspect = false;
  await cutsWithin(tree, async (log) => {
    const { hardState } = await log.open();
    isSuspect = hardState.isSuspect === true;
  });
  return isSuspect;
}

/** A log of such entries in one segment, each in a batch of its own. */
async function logWith(dataBytes: readonly number[]): Promise<DirectoryTree> {
  const { left } = await cutsWithin(undefined, async (log) => {
    await log.open();
    for (const [at, length] of dataBytes.entries()) {
      const data = new Uint8Array(length).fill(1);
      const entry = { term: 1, index: at + 1, kind: "command", data } as const;
      await log.append({ hardState: null, entries: [entry] });
    }
  });
  return left;
}

function lastByteOf(tree: DirectoryTree): { readonly file: FileContent; readonly end: number } {
  const file = tree.find("wal/0000000000000001.wal");
  if (file === undefined) {
    throw new Error("the first segment is there");
  }
  const bytes = new Uint8Array(file.size);
  file.read(bytes, 0);
  return { file, end: bytes.findLastIndex((byte) => byte !== 0) + 1 };
}

/**
 * A log whose last batch is damaged loses its power once more at each call of its
 * opening: it is suspect all the same when it is opened again.
 */
export async function assertStaysSuspect(
  t: ExecutionContext,
  { isFull }: { readonly isFull: boolean },
): Promise<void> {
  const { end } = lastByteOf(await logWith([500]));
  // The last frame is the shortest that there is, and nothing goes in behind it.
  const rest = isFull ? SEGMENT_BYTES - Math.ceil(end / 8) * 8 - 2 * EMPTY_ENTRY_BYTES : 500;
  const left = await logWith([500, rest, 0]);
  const { file, end: fullEnd } = lastByteOf(left);
  file.rot(fullEnd - 1, 0xff);
  const { left: opened, cuts } = await cutsWithin(left, async (log) => {
    const { lastIndex, hardState } = await log.open();
    t.is(lastIndex, 2);
    t.true(hardState.isSuspect);
  });
  t.is(opened.find("wal/0000000000000002.wal") !== undefined, isFull, "a new segment was needed");
  t.true(cuts.length > 50, `${cuts.length} cuts`);
  for (const cut of cuts) {
    t.true(await opensSuspect(cut));
  }
}
