import test, { type ExecutionContext } from "ava";
import { type Outcome, RaftNode } from "../../../raft/mod.ts";
import { WalLogStore } from "../../../storage/wal/mod.ts";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { SeededRandom } from "../../../testing/mod.ts";
import type { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import { SimulatedFileSystem } from "../../../testing/simulated_file_system/simulated_file_system.ts";
import { MemoryNetwork } from "../../../transport/mod.ts";
import { ListMachine } from "../../support/raft_group.ts";

const SECOND_US = 1_000_000;
const MEMBERS = ["a", "b", "c"] as const;

/** A member on a disk of its own, in virtual time. */
interface Member {
  readonly files: SimulatedFileSystem;
  readonly machine: ListMachine;
  readonly node: RaftNode<number>;
}

class Group {
  readonly executor: VirtualExecutor = new VirtualExecutor();
  readonly #network = new MemoryNetwork({ clock: this.executor });
  readonly #random = new SeededRandom(7);
  readonly #ids: readonly string[];

  constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  async start(id: string, tree?: DirectoryTree): Promise<Member> {
    const { executor } = this;
    const files = new SimulatedFileSystem({
      clock: executor,
      random: this.#random,
      latency: { callUs: 10, syncUs: 500 },
    }, tree);
    const machine = new ListMachine();
    const logStore = new WalLogStore({
      fileSystem: files,
      directory: "wal",
      segmentBytes: 4_096,
      setTimer: (delayMs, callback) => executor.setTimer(delayMs, callback),
    });
    const node = await RaftNode.start<number>({
      id,
      initialVoters: this.#ids,
      logStore,
      stateMachine: machine,
      transport: this.#ids.length > 1 ? this.#network.transport(id) : null,
      clock: executor,
      random: this.#random,
    });
    return { files, machine, node };
  }
}

/** Runs a story in virtual time. */
async function inVirtualTime(
  group: Group,
  story: () => Promise<void>,
): Promise<void> {
  let isOver = false;
  const told = story().finally(() => isOver = true);
  told.catch(() => {});
  await group.executor.run(() => !isOver);
  group.executor.close();
  await told;
}

function propose({ node }: Member, text: string): Promise<Outcome<number>> {
  return node.propose(new TextEncoder().encode(text), { ack: "applied" });
}

/** Whether a promise was answered so far. */
function answered(promise: Promise<unknown>): () => boolean {
  let isAnswered = false;
  promise.then(() => isAnswered = true, () => {});
  return () => isAnswered;
}

/** Lets virtual time pass until something holds. */
async function until(group: Group, holds: () => boolean, what: string): Promise<void> {
  for (let count = 0; !holds(); count += 1) {
    if (count > 6_000) {
      throw new Error(`Within a minute there was not: ${what}`);
    }
    await group.executor.sleep(10_000);
  }
}

for (const loss of ["all", "none"] as const) {
  test(`W18: while a sync stalls nothing is acknowledged, and a power cut that loses ${loss} takes nothing that was`, async (t) => {
    const group = new Group(["a"]);
    await inVirtualTime(group, async () => {
      const first = await group.start("a");
      await first.node.whenLeaderKnown();
      await propose(first, "before");

      first.files.stall();
      const waiting = answered(propose(first, "stalled"));
      const committed = answered(
        first.node.propose(new TextEncoder().encode("committed"), { ack: "committed" }),
      );
      await group.executor.sleep(2 * SECOND_US);
      t.false(waiting() || committed(), "for 2 s nothing is acknowledged");
      t.deepEqual(first.machine.commands, ["before"], "and nothing is applied");
      first.files.resume();
      await until(group, () => waiting() && committed(), "an answer once the disk goes on");

      first.files.stall();
      const never = answered(propose(first, "never durable"));
      await group.executor.sleep(2 * SECOND_US);
      t.false(never());
      const { tree } = first.files.crash({ loss });

      const second = await group.start("a", tree);
      await second.node.whenLeaderKnown();
      await second.node.readBarrier();
      t.deepEqual(second.machine.commands.slice(0, 3), ["before", "stalled", "committed"]);
      // What was under way may have got to the disk by itself, or not.
      t.deepEqual(second.machine.commands.slice(3), loss === "all" ? [] : ["never durable"]);
    });
  });
}

test("W18: where the leader's sync stalls, the others acknowledge with what they have synced, and it follows after that", async (t) => {
  const group = new Group(MEMBERS);
  await inVirtualTime(group, async () => {
    const members: Member[] = [];
    for (const id of MEMBERS) {
      members.push(await group.start(id));
    }
    const leader = await leaderOf(group, members);
    await propose(leader, "before");
    leader.files.stall();
    const stalledAtUs = group.executor.nowUs;
    const during = propose(leader, "during");
    const outcome = Promise.race([
      during.then(() => "acknowledged", () => "refused"),
      group.executor.sleep(10 * SECOND_US).then(() => "silent"),
    ]);
    await group.executor.sleep(2 * SECOND_US);
    const others = members.filter((member) => member !== leader);
    const next = await leaderOf(group, others);
    t.true(group.executor.nowUs - stalledAtUs < 4 * SECOND_US, "two election timeouts at most");
    await propose(next, "after");
    assertOneLeaderATerm(t, members);
    leader.files.resume();
    const told = await outcome;
    await until(
      group,
      () => members.every(({ machine }) => machine.commands.includes("after")),
      "the same on all",
    );
    assertOneLeaderATerm(t, members);
    const [first] = members;
    for (const { machine } of members) {
      t.deepEqual(machine.commands, first?.machine.commands);
      t.is(machine.commands[0], "before");
    }
    // A quorum without the leader may have it, and then it was right to say so.
    t.true(told !== "acknowledged" || first?.machine.commands.includes("during"), told);
  });
});

test("W18: where the syncs of two of three stall, nothing is acknowledged until one goes on", async (t) => {
  const group = new Group(MEMBERS);
  await inVirtualTime(group, async () => {
    const members: Member[] = [];
    for (const id of MEMBERS) {
      members.push(await group.start(id));
    }
    const leader = await leaderOf(group, members);
    await propose(leader, "before");
    const followers = members.filter((member) => member !== leader);
    followers.forEach(({ files }) => files.stall());
    const waiting = answered(propose(leader, "during"));
    await group.executor.sleep(2 * SECOND_US);
    t.false(waiting(), "one disk of three is no quorum");
    t.true(members.every(({ machine }) => !machine.commands.includes("during")));
    followers[0]?.files.resume();
    const again = await leaderOf(group, members);
    await propose(again, "after");
    followers[1]?.files.resume();
    await until(
      group,
      () => members.every(({ machine }) => machine.commands.includes("after")),
      "the same on all",
    );
    t.is(new Set(members.map(({ machine }) => machine.commands.join())).size, 1);
  });
});

async function leaderOf(group: Group, members: readonly Member[]): Promise<Member> {
  let found: Member | undefined;
  await until(group, () => {
    found = members.find(({ node }) => node.status().role === "leader");
    return found !== undefined;
  }, "a leader");
  return found as Member;
}

function assertOneLeaderATerm(t: ExecutionContext, members: readonly Member[]): void {
  const terms = members.map(({ node }) => node.status())
    .filter(({ role }) => role === "leader")
    .map(({ term }) => term);
  t.is(new Set(terms).size, terms.length, `leaders of terms ${terms}`);
}
