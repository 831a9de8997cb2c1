import { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import type {
  ChangeSurvival,
  FileChange,
  FileContent,
} from "../../../testing/simulated_file_system/file_content.ts";
import type { FileSnapshotStore } from "../../../storage/snapshots/mod.ts";
import { type CallHook, HookedFileSystem } from "./hooked_file_system.ts";
import { isSame, metaOf, readWhole, stateOf, streamOf } from "./sample_snapshots.ts";
import { SnapshotDisk } from "./snapshot_disk.ts";

const SNAPSHOTS_MAX = 2;

/** What must be there after a crash. */
interface Expectation {
  /** State number of the newest that was acknowledged; 0 for none. */
  readonly newest: number;
  /** State number of the one that is being published, if any. */
  readonly underWay: number | null;
  /** Indexes that must be listed. */
  readonly held: readonly number[];
}

/** Indexes and state numbers of what is published, in order. The last one replaces the one before. */
const PUBLISHES: readonly (readonly [index: number, state: number])[] = [
  [10, 1],
  [20, 2],
  [30, 3],
  [40, 4],
  [40, 5],
];

/** Publishes, with purges, and a purge at the end; tells what would have to be there. */
async function play(store: FileSnapshotStore, expect: (now: Expectation) => void): Promise<void> {
  let held: number[] = [];
  let newest = 0;
  expect({ newest, underWay: null, held });
  await store.open();
  for (const [index, state] of PUBLISHES) {
    expect({ newest, underWay: state, held: held.slice(0, SNAPSHOTS_MAX - 1) });
    await store.publish(metaOf(index), streamOf(stateOf(state)));
    held = [...new Set([index, ...held])].slice(0, SNAPSHOTS_MAX);
    newest = state;
    expect({ newest, underWay: null, held });
  }
  expect({ newest, underWay: null, held: held.slice(0, 1) });
  await store.purge(1);
  await store.close();
}

/** What is left of a file's changes. */
const CONTENTS: Readonly<Record<string, (content: FileContent) => ChangeSurvival[]>> = {
  "nothing unsynced": () => [],
  "everything": ({ unsynced }) => unsynced.map(() => "whole"),
  "half of the first change": ({ unsynced: [first] }) => [halfOf(first)],
  "half of the last change": ({ unsynced }) =>
    unsynced.map((change, at) => at < unsynced.length - 1 ? "whole" : halfOf(change)),
  "all but the first change": ({ unsynced }) =>
    unsynced.map((_, at) => at === 0 ? "lost" : "whole"),
};

function halfOf(change: FileChange | undefined): ChangeSurvival {
  return change?.type === "write" ? [{ start: 0, end: change.bytes.length >> 1 }] : "lost";
}

/** What a crash found, and how it was brought about. */
export interface CrashReport {
  readonly crashes: number;
  readonly problems: readonly string[];
}

/**
 * Cuts the power before each call of the trace, with every kind of loss.
 * `hook` may make the disk lie.
 */
export async function powerCuts(hook?: CallHook): Promise<CrashReport> {
  const crashes: { how: string; tree: DirectoryTree; expected: Expectation }[] = [];
  let calls = 0;
  let expected: Expectation = { newest: 0, underWay: null, held: [] };
  const tree = new DirectoryTree();
  const disk = new SnapshotDisk({
    tree,
    onCall(call) {
      calls += 1;
      const how = `before call ${calls}, ${call}`;
      for (const { left, loss } of aftermaths(tree)) {
        crashes.push({ how: `${how}, leaving ${loss}`, tree: left, expected });
      }
    },
  });
  await play(storeOn(disk, hook).store, (now) => expected = now);
  const problems: string[] = [];
  for (const { how, tree, expected } of crashes) {
    const problem = await problemOf(new SnapshotDisk({ tree }), expected, hook);
    if (problem !== null) {
      problems.push(`${how}: ${problem}`);
    }
  }
  return { crashes: crashes.length, problems };
}

/**
 * Kills the process in each call of the trace. The next life sees what was
 * not durable; then the power fails, and all that was not durable is lost:
 * what the next life was told of must still be there.
 */
export async function killsThenPowerCuts(hook?: CallHook): Promise<CrashReport> {
  const problems: string[] = [];
  for (let call = 1;; call += 1) {
    const killed = await killIn(call, hook);
    if (killed === null) {
      return { crashes: call - 1, problems };
    }
    const { tree, expected } = killed;
    const disk = new SnapshotDisk({ tree });
    const { store } = storeOn(disk, hook);
    await store.open();
    const told = await newestState(store);
    const left = disk.cutPower();
    const after = { ...expected, newest: told ?? -1, underWay: null };
    const problem = told !== expected.newest && told !== expected.underWay
      ? `state ${told} is found`
      : await problemOf(new SnapshotDisk({ tree: left }), after, hook);
    if (problem !== null) {
      problems.push(`killed in call ${call}: ${problem}`);
    }
  }
}

/** The disk of a process that was killed in a call, `null` if it has come to its end first. */
async function killIn(call: number, hook: CallHook | undefined) {
  let calls = 0;
  let expected: Expectation = { newest: 0, underWay: null, held: [] };
  return await new Promise<{ tree: DirectoryTree; expected: Expectation } | null>(
    (resolve, reject) => {
      const disk: SnapshotDisk = new SnapshotDisk({
        onCall() {
          calls += 1;
          if (calls === call) {
            resolve({ tree: disk.files.exit(), expected });
          }
        },
      });
      play(storeOn(disk, hook).store, (now) => expected = now).then(() => resolve(null), reject);
    },
  );
}

/** What a power cut may leave of a tree. */
function* aftermaths(tree: DirectoryTree): Generator<{ left: DirectoryTree; loss: string }> {
  const changes = Math.max(0, ...tree.directories.map((directory) => tree.unsynced(directory)));
  for (let names = 0; names <= changes; names += 1) {
    for (const [what, survival] of Object.entries(CONTENTS)) {
      const left = tree.afterPowerCut(
        (_directory, all) => Math.min(names, all),
        (content) => content.afterPowerCut(survival(content)),
      );
      yield { left, loss: `${names} of ${changes} names and ${what} of the contents` };
    }
  }
}

/** What is wrong with what a crash left, `null` if nothing is. */
async function problemOf(
  disk: SnapshotDisk,
  { newest, underWay, held }: Expectation,
  hook: CallHook | undefined,
): Promise<string | null> {
  const { store, damages } = storeOn(disk, hook);
  try {
    await store.open();
    const listed = (await store.list()).map(({ last }) => last.index);
    const found = await newestState(store);
    const leftovers = (await disk.names()).filter((name) => name.endsWith(".tmp"));
    if (damages.length > 0) {
      return `damage: ${JSON.stringify(damages[0])}`;
    }
    if (found !== newest && found !== underWay) {
      return `state ${found} instead of ${newest} or ${underWay}`;
    }
    if (held.some((index) => !listed.includes(index))) {
      return `[${listed}] without one of [${held}]`;
    }
    if (leftovers.length > 0) {
      return `${leftovers} is left`;
    }
    await store.publish(metaOf(90), streamOf(stateOf(9)));
    const published = await newestState(store);
    return published === 9 ? null : `state ${published} after the next publish`;
  } catch (error) {
    return String(error);
  } finally {
    await store.close();
  }
}

function storeOn(disk: SnapshotDisk, hook: CallHook | undefined) {
  return disk.store({
    fileSystem: new HookedFileSystem(disk.files, hook),
    snapshotsMax: SNAPSHOTS_MAX,
  });
}

/** Number of the newest state: 0 for none, `null` for what was never published. */
async function newestState(store: FileSnapshotStore): Promise<number | null> {
  const opened = await store.openNewest();
  if (opened === null) {
    return 0;
  }
  const { bytes, error } = await readWhole(opened);
  if (error !== null || opened.passedOver.length > 0) {
    return null;
  }
  const { index } = opened.meta.last;
  const candidates = [...PUBLISHES, [90, 9] as const].filter(([at]) => at === index);
  return candidates.find(([, state]) => isSame(bytes, stateOf(state)))?.[1] ?? null;
}
