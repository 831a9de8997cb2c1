import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { SnapshotMap } from "../../../examples/snapshot_map.ts";
import { type EntryId, membershipOf, RaftNode, systemClock } from "../../../raft/mod.ts";
import { NodeFileSystem } from "../../../storage/files/mod.ts";
import { FileSnapshotStore, type SnapshotDamage } from "../../../storage/snapshots/mod.ts";
import { snapshotName } from "../../../storage/snapshots/snapshot_name.ts";
import { WalLogStore } from "../../../storage/wal/mod.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const SNAPSHOT_ENTRIES = 10;
const SNAPSHOTS_MAX = 3;
const VOTERS = ["a"];

/** One life of a member of one: a map on snapshot files, and its log in files. */
class Member {
  readonly damages: SnapshotDamage[] = [];
  readonly passedOver: { readonly damaged: readonly EntryId[]; readonly used: EntryId }[] = [];
  readonly snapshots: FileSnapshotStore;
  readonly map: SnapshotMap;
  readonly log: WalLogStore;
  #node: RaftNode<string | null> | null = null;

  constructor(directory: string) {
    const fileSystem = new NodeFileSystem();
    this.snapshots = new FileSnapshotStore({
      fileSystem,
      directory: join(directory, "snapshots"),
      snapshotsMax: SNAPSHOTS_MAX,
      chunkBytes: 100,
      onDamage: (damage) => this.damages.push(damage),
    });
    this.map = new SnapshotMap({
      snapshots: this.snapshots,
      initialVoters: VOTERS,
      snapshotEntries: SNAPSHOT_ENTRIES,
      onPassedOver: (damaged, used) => this.passedOver.push({ damaged, used }),
    });
    this.log = new WalLogStore({ fileSystem, directory: join(directory, "log") });
  }

  /** Starts, and has applied all that the log holds once this resolved. */
  async start(): Promise<RaftNode<string | null>> {
    const node = await RaftNode.start<string | null>({
      id: "a",
      initialVoters: VOTERS,
      logStore: this.log,
      stateMachine: this.map,
      clock: systemClock(),
      tickMs: 1,
      compactionTail: 0,
      compactionThreshold: 2,
    });
    this.#node = node;
    await node.whenLeaderKnown();
    await node.readBarrier();
    return node;
  }

  async end(): Promise<void> {
    await this.#node?.stop();
    await this.map.close();
    await this.log.close();
  }
}

/** Damages the snapshot of an entry. */
type Damage = (path: string) => Promise<void>;

async function flipMiddle(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

async function cutEnd(path: string): Promise<void> {
  await truncate(path, (await stat(path)).size - 1);
}

/** A member that has ended, with as many snapshots as it keeps and a log from the oldest one on. */
interface Past {
  readonly pairs: [string, string][];
  /** Last entries of the snapshots, newest first. */
  readonly kept: readonly EntryId[];
  readonly lastIndex: number;
}

async function livePast(directory: string): Promise<Past> {
  const member = new Member(directory);
  const node = await member.start();
  for (let number = 0; number < 65; number += 1) {
    await node.propose(SnapshotMap.put(`key ${number % 23}`, `value ${number}`));
    await member.map.idle();
  }
  const pairs = member.map.pairs();
  const kept = (await member.snapshots.list()).map(({ last }) => last);
  const { compactedIndex, lastIndex } = node.status();
  await member.end();
  if (kept.length !== SNAPSHOTS_MAX || compactedIndex !== kept.at(-1)?.index) {
    throw new Error(`the log begins after ${compactedIndex}, kept are ${JSON.stringify(kept)}`);
  }
  return { pairs, kept, lastIndex };
}

function pathOf(directory: string, last: EntryId | undefined): string {
  return join(directory, "snapshots", snapshotName(last ?? { term: 0, index: 0 }));
}

for (
  const { damaged, damage, why } of [
    { damaged: 1, damage: flipMiddle, why: "a bit of the newest one flipped" },
    { damaged: 1, damage: cutEnd, why: "the newest one was cut short" },
    { damaged: 2, damage: flipMiddle, why: "the newest two are damaged" },
  ] satisfies { damaged: number; damage: Damage; why: string }[]
) {
  test(`W15: a member comes up from an older snapshot and its log to the same state: ${why}`, async (t) => {
    await using directory = await temporaryDirectory();
    const { pairs, kept, lastIndex } = await livePast(directory.path);
    const passedOver = kept.slice(0, damaged);
    for (const last of passedOver) {
      await damage(pathOf(directory.path, last));
    }

    const second = new Member(directory.path);
    const node = await second.start();
    t.deepEqual(second.map.pairs(), pairs);
    t.true(node.status().appliedIndex >= lastIndex);
    t.deepEqual(second.passedOver, [{ damaged: passedOver, used: kept[damaged] }]);
    const told = second.damages.map(({ file, last }) => ({ file, last }));
    t.deepEqual(told, passedOver.map((last) => ({ file: pathOf(directory.path, last), last })));

    for (let number = 0; number < SNAPSHOT_ENTRIES; number += 1) {
      await node.propose(SnapshotMap.put("later", String(number)));
      await second.map.idle();
    }
    const later = second.map.pairs();
    await second.end();

    const third = new Member(directory.path);
    await third.start();
    t.deepEqual(third.map.pairs(), later);
    t.deepEqual([third.passedOver, third.damages], [[], []], "a newer one took their place");
    await third.end();
  });
}

test("W15: a member whose log does not reach back to the older snapshot is refused, and told what is missing", async (t) => {
  await using directory = await temporaryDirectory();
  const { pairs, kept: [newest, older] } = await livePast(directory.path);
  if (newest === undefined || older === undefined) {
    return t.fail();
  }
  const log = new WalLogStore({
    fileSystem: new NodeFileSystem(),
    directory: join(directory.path, "log"),
  });
  await log.open();
  await log.compact({ ...newest, membership: membershipOf(VOTERS) });
  await log.close();
  const path = pathOf(directory.path, newest);
  const sound = await readFile(path);
  await flipMiddle(path);

  const refused = new Member(directory.path);
  await t.throwsAsync(refused.start(), {
    code: "START_MISMATCH",
    message: new RegExp(
      `the log begins after ${newest.index}, the state machine holds ${older.index}; ` +
        `entries ${older.index + 1} to ${newest.index} are in neither: .*backup.*add it again`,
    ),
  });
  t.deepEqual(refused.passedOver, [{ damaged: [newest], used: older }]);
  t.deepEqual(refused.damages.map(({ file }) => file), [path]);
  await refused.end();

  await writeFile(path, sound);
  const restored = new Member(directory.path);
  await restored.start();
  t.deepEqual(restored.map.pairs(), pairs, "nothing was changed, so the sound file is enough");
  await restored.end();
});

test("W15: a member whose snapshots are all damaged is refused, and told what to do", async (t) => {
  await using directory = await temporaryDirectory();
  const { kept } = await livePast(directory.path);
  for (const last of kept) {
    await flipMiddle(pathOf(directory.path, last));
  }
  const refused = new Member(directory.path);
  await t.throwsAsync(refused.start(), {
    code: "NO_USABLE_SNAPSHOT",
    message: /all 3 are damaged .*backup.*add it again/,
  });
  t.is(refused.damages.length, kept.length);
  await refused.end();
});
