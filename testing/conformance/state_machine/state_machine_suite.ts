import {
  encodeMembership,
  type Entry,
  type Membership,
  membershipOf,
  type SnapshotMeta,
  type StateMachine,
} from "../../../raft/mod.ts";

/** How an implementation of `StateMachine` is handled in one case. Each case gets a fresh one. */
export interface StateMachineTestbed<Result> {
  /** Makes a machine on what this testbed keeps; called again, it is the machine's next life. */
  create(): StateMachine<Result> | Promise<StateMachine<Result>>;
  /** A command; those of different numbers lead to different states, in any order. */
  command(number: number): Uint8Array;
  /** What an open machine holds, as text to compare. It must not tell how it got there. */
  observe(machine: StateMachine<Result>): string | Promise<string>;
  /**
   * Ends a machine's life. `lost`: as a power cut does, with what was not yet
   * durable lost, if the implementation has something to lose.
   */
  end(machine: StateMachine<Result>, how: "closed" | "lost"): void | Promise<void>;
}

/** What the suite has to know of an implementation. */
export interface StateMachineSuiteOptions<Result> {
  openTestbed(): StateMachineTestbed<Result> | Promise<StateMachineTestbed<Result>>;
}

/** One requirement on a state machine. */
export interface StateMachineCase {
  /** The requirement, as a sentence. */
  readonly name: string;
  /** Rejects with `StateMachineRequirementError` if it is not met. */
  run(): Promise<void>;
}

/** A state machine does not do what the interface demands. */
export class StateMachineRequirementError extends Error {
  readonly code = "STATE_MACHINE_REQUIREMENT";

  constructor(observation: string) {
    super(observation);
    this.name = "StateMachineRequirementError";
  }
}

/**
 * The conformance suite of `StateMachine`.
 *
 * ```ts
 * for (const requirement of stateMachineCases({ openTestbed })) {
 *   test(`MyStateMachine: ${requirement.name}`, async (t) => {
 *     await t.notThrowsAsync(() => requirement.run());
 *   });
 * }
 * ```
 */
export function stateMachineCases<Result>(
  options: StateMachineSuiteOptions<Result>,
): StateMachineCase[] {
  return CASES.map(([name, play]) => ({
    name,
    run: async () =>
      await play(() => options.openTestbed() as Promise<StateMachineTestbed<unknown>>),
  }));
}

type OpenTestbed = () => Promise<StateMachineTestbed<unknown>>;

/** A machine and its testbed. */
interface Subject {
  readonly bed: StateMachineTestbed<unknown>;
  readonly machine: StateMachine<unknown>;
}

const CASES: readonly (readonly [name: string, play: (open: OpenTestbed) => Promise<void>])[] = [
  ["a new machine holds nothing", newHoldsNothing],
  ["apply returns one result for each entry, of whatever kind", oneResultEach],
  ["the same entries give the same state and the same results", isDeterministic],
  ["how entries are parted into batches makes no difference", batchesMakeNoDifference],
  ["commands change the state", commandsChange],
  ["no-ops and memberships leave alone what commands made", othersChangeNothing],
  ["durableIndex is never ahead of what was applied", durableIsApplied],
  ["what durableIndex told survives a power cut", durableSurvives],
  ["a machine that is opened again goes on where it says it is", reopenedGoesOn],
  ["a machine that is opened again tells the term of its last entry", reopenedTellsTerm],
  ["a machine that is opened again tells no wrong membership", reopenedTellsMembership],
  ["a snapshot holds the state of the index that it names", snapshotHoldsState],
  ["a snapshot does not change with what is applied after it", snapshotIsPinned],
  ["a snapshot that is given up does no harm", givenUpDoesNoHarm],
  ["restore replaces the state", restoreReplaces],
  ["a restored machine goes on after the snapshot's last entry", restoredGoesOn],
  ["a restored snapshot survives a power cut, with index, term and membership", restoredSurvives],
  ["a power cut during a restore leaves the old state or the new", cutRestoreLeavesEither],
  ["a snapshot that ends early is refused", shortSnapshotIsRefused],
  ["a snapshot that is refused leaves the state as it was", refusedChangesNothing],
];

const TERM = 3;
const MEMBERSHIP: Membership = membershipOf(["a", "b"]);

async function newHoldsNothing(open: OpenTestbed): Promise<void> {
  const bed = await open();
  const machine = await bed.create();
  const { appliedIndex, term, membership } = await machine.open();
  demand(appliedIndex === 0 && term === 0, `a new machine is at ${appliedIndex} of term ${term}`);
  demand(membership === null, "a new machine tells a membership");
  await bed.end(machine, "closed");
}

async function oneResultEach(open: OpenTestbed): Promise<void> {
  const subject = await start(open);
  const results = await subject.machine.apply(mixedEntries(subject, 1, 6));
  demand(results.length === 6, `${results.length} results for 6 entries`);
  await finish(subject);
}

async function isDeterministic(open: OpenTestbed): Promise<void> {
  const [first, second] = [await start(open), await start(open)];
  const results = [];
  for (const subject of [first, second]) {
    results.push(JSON.stringify(await subject.machine.apply(mixedEntries(subject, 1, 12)), plain));
  }
  demand(results[0] === results[1], `results differ: ${results[0]} and ${results[1]}`);
  await demandSame(first, second, "after the same entries");
  await finish(first, second);
}

async function batchesMakeNoDifference(open: OpenTestbed): Promise<void> {
  const [whole, parted] = [await start(open), await start(open)];
  const entries = mixedEntries(whole, 1, 9);
  const atOnce = await whole.machine.apply(entries);
  const oneByOne = [];
  for (const entry of entries) {
    oneByOne.push(...await parted.machine.apply([entry]));
  }
  demand(
    JSON.stringify(atOnce, plain) === JSON.stringify(oneByOne, plain),
    "results depend on the batches",
  );
  await demandSame(whole, parted, "in one batch and in many");
  await finish(whole, parted);
}

async function commandsChange(open: OpenTestbed): Promise<void> {
  const [one, other] = [await start(open), await start(open)];
  await one.machine.apply(commands(one, 1, 1));
  await other.machine.apply([{ ...command(other, 2), index: 1 }]);
  demand(await see(one) !== await see(other), "different commands lead to the same state");
  await finish(one, other);
}

async function othersChangeNothing(open: OpenTestbed): Promise<void> {
  const subject = await start(open);
  await subject.machine.apply(commands(subject, 1, 3));
  const before = await see(subject);
  await subject.machine.apply([noop(4), membershipEntry(5)]);
  demand(await see(subject) === before, "a no-op or a membership changed the state");
  await finish(subject);
}

async function durableIsApplied(open: OpenTestbed): Promise<void> {
  const subject = await start(open);
  for (let index = 1; index <= 20; index += 1) {
    await subject.machine.apply([command(subject, index)]);
    const durable = subject.machine.durableIndex();
    demand(durable <= index, `durable up to ${durable}, applied up to ${index}`);
  }
  await finish(subject);
}

async function durableSurvives(open: OpenTestbed): Promise<void> {
  const subject = await start(open);
  await subject.machine.apply(commands(subject, 1, 20));
  const durable = subject.machine.durableIndex();
  const life = await nextLife(subject, "lost");
  const { appliedIndex } = life.state;
  demand(appliedIndex >= durable, `${durable} was durable, ${appliedIndex} is there`);
  await finish(life);
}

async function reopenedGoesOn(open: OpenTestbed): Promise<void> {
  const [subject, twin] = [await start(open), await start(open)];
  await subject.machine.apply(commands(subject, 1, 10));
  await twin.machine.apply(commands(twin, 1, 20));
  const life = await nextLife(subject, "lost");
  const next = life.state.appliedIndex + 1;
  await life.machine.apply(commands(life, next, 20));
  await demandSame(life, twin, `after entries ${next} to 20 again`);
  await finish(life, twin);
}

async function reopenedTellsTerm(open: OpenTestbed): Promise<void> {
  const subject = await start(open);
  await subject.machine.apply(commands(subject, 1, 10));
  const life = await nextLife(subject, "closed");
  const { appliedIndex, term } = life.state;
  demand(
    term === (appliedIndex === 0 ? 0 : TERM),
    `entry ${appliedIndex} is of term ${TERM}, not ${term}`,
  );
  await finish(life);
}

async function reopenedTellsMembership(open: OpenTestbed): Promise<void> {
  const subject = await start(open);
  await subject.machine.apply([command(subject, 1), membershipEntry(2), command(subject, 3)]);
  const life = await nextLife(subject, "closed");
  const { appliedIndex, membership } = life.state;
  const expected = appliedIndex >= 2 ? JSON.stringify(MEMBERSHIP) : "null";
  const told = JSON.stringify(membership);
  demand(told === "null" || told === expected, `membership ${told} instead of ${expected}`);
  await finish(life);
}

async function snapshotHoldsState(open: OpenTestbed): Promise<void> {
  const [source, target] = [await start(open), await start(open)];
  await source.machine.apply(commands(source, 1, 10));
  const { appliedIndex, chunks } = await source.machine.snapshot();
  demand(appliedIndex === 10, `the snapshot of entry 10 names ${appliedIndex}`);
  await target.machine.restore(metaOf(10), chunks);
  await demandSame(source, target, "after a restore");
  await finish(source, target);
}

async function snapshotIsPinned(open: OpenTestbed): Promise<void> {
  const [source, target, twin] = [await start(open), await start(open), await start(open)];
  await source.machine.apply(commands(source, 1, 10));
  await twin.machine.apply(commands(twin, 1, 10));
  const { chunks } = await source.machine.snapshot();
  await source.machine.apply(commands(source, 11, 20));
  await target.machine.restore(metaOf(10), chunks);
  await demandSame(target, twin, "of a snapshot from before further entries");
  await finish(source, target, twin);
}

async function givenUpDoesNoHarm(open: OpenTestbed): Promise<void> {
  const [source, target] = [await start(open), await start(open)];
  await source.machine.apply(commands(source, 1, 10));
  // Whoever wants no more of it says so, at the beginning or in the middle.
  const unread = await source.machine.snapshot();
  await unread.chunks[Symbol.asyncIterator]().return?.();
  const begun = await source.machine.snapshot();
  for await (const _chunk of begun.chunks) {
    break;
  }
  await source.machine.apply(commands(source, 11, 15));
  const { chunks } = await source.machine.snapshot();
  await target.machine.restore(metaOf(15), chunks);
  await demandSame(source, target, "after two snapshots that were given up");
  await finish(source, target);
}

async function restoreReplaces(open: OpenTestbed): Promise<void> {
  const [source, target] = [await start(open), await start(open)];
  await source.machine.apply(commands(source, 1, 10));
  await target.machine.apply([{ ...command(target, 99), index: 1 }]);
  const { chunks } = await source.machine.snapshot();
  await target.machine.restore(metaOf(10), chunks);
  await demandSame(source, target, "after a restore over another state");
  await finish(source, target);
}

async function restoredGoesOn(open: OpenTestbed): Promise<void> {
  const [source, target] = [await start(open), await start(open)];
  await source.machine.apply(commands(source, 1, 10));
  const { chunks } = await source.machine.snapshot();
  await target.machine.restore(metaOf(10), chunks);
  for (const subject of [source, target]) {
    const results = await subject.machine.apply(commands(subject, 11, 15));
    demand(results.length === 5, `${results.length} results for 5 entries after a restore`);
  }
  await demandSame(source, target, "after a restore and further entries");
  await finish(source, target);
}

async function restoredSurvives(open: OpenTestbed): Promise<void> {
  const [source, target] = [await start(open), await start(open)];
  await source.machine.apply(commands(source, 1, 10));
  const { chunks } = await source.machine.snapshot();
  await target.machine.restore(metaOf(10), chunks);
  const life = await nextLife(target, "lost");
  const { appliedIndex, term, membership } = life.state;
  // A machine that keeps nothing starts with nothing, and the log with it.
  if (target.machine.durableIndex() > 0 || appliedIndex > 0) {
    demand(
      appliedIndex === 10 && term === TERM,
      `entry 10 of term ${TERM} was restored, ${appliedIndex} of term ${term} is there`,
    );
    demand(
      JSON.stringify(membership) === JSON.stringify(MEMBERSHIP),
      `the snapshot's membership is lost: ${JSON.stringify(membership)}`,
    );
    await demandSame(source, life, "after a restore and a power cut");
  }
  await finish(source, life);
}

async function cutRestoreLeavesEither(open: OpenTestbed): Promise<void> {
  const [source, old] = [await start(open), await start(open)];
  await source.machine.apply(commands(source, 1, 10));
  await old.machine.apply([command(old, 99)].map((entry) => ({ ...entry, index: 1 })));
  const { chunks } = await source.machine.snapshot();
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) {
    pieces.push(chunk);
  }
  for (let come = 0; come <= pieces.length; come += 1) {
    const target = await start(open);
    const first = { ...command(target, 99), index: 1 };
    await target.machine.apply([first]);
    // The rest of the stream never comes, so the restore is not done when the power fails.
    void target.machine.restore(metaOf(10), hangingAfter(pieces.slice(0, come))).catch(() => {});
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.resolve();
    }
    const life = await nextLife(target, "lost");
    const { appliedIndex } = life.state;
    demand(
      appliedIndex === 0 || appliedIndex === 1 || appliedIndex === 10,
      `after entry 1, or a snapshot of entry 10, it is at ${appliedIndex}`,
    );
    if (appliedIndex === 0) {
      await life.machine.apply([first]);
    }
    const wanted = appliedIndex === 10 ? source : old;
    await demandSame(life, wanted, `after ${come} of ${pieces.length} pieces and a power cut`);
    await finish(life);
  }
  await finish(source, old);
}

async function shortSnapshotIsRefused(open: OpenTestbed): Promise<void> {
  const [source, target] = [await start(open), await start(open)];
  await source.machine.apply(commands(source, 1, 10));
  const { chunks } = await source.machine.snapshot();
  const refused = await target.machine.restore(metaOf(10), cutShort(chunks)).then(
    () => false,
    () => true,
  );
  demand(refused, "a snapshot without its last byte was restored");
  await finish(source, target);
}

async function refusedChangesNothing(open: OpenTestbed): Promise<void> {
  const [source, target] = [await start(open), await start(open)];
  await source.machine.apply(commands(source, 1, 10));
  await target.machine.apply([{ ...command(target, 99), index: 1 }]);
  const before = await see(target);
  const { chunks } = await source.machine.snapshot();
  await target.machine.restore(metaOf(10), broken(chunks)).catch(() => {});
  demand(await see(target) === before, "a stream that broke off changed the state");
  await target.machine.apply([command(target, 2)]);
  await finish(source, target);
}

async function start(open: OpenTestbed): Promise<Subject> {
  const bed = await open();
  const machine = await bed.create();
  await machine.open();
  return { bed, machine };
}

async function nextLife({ bed, machine }: Subject, how: "closed" | "lost") {
  await bed.end(machine, how);
  const next = await bed.create();
  return { bed, machine: next, state: await next.open() };
}

async function finish(...subjects: readonly Subject[]): Promise<void> {
  for (const { bed, machine } of subjects) {
    await bed.end(machine, "closed");
  }
}

async function see({ bed, machine }: Subject): Promise<string> {
  return await bed.observe(machine);
}

async function demandSame(one: Subject, other: Subject, when: string): Promise<void> {
  const [first, second] = [await see(one), await see(other)];
  demand(first === second, `states differ ${when}: ${first} and ${second}`);
}

function command({ bed }: Subject, index: number): Entry {
  return { term: TERM, index, kind: "command", data: bed.command(index) };
}

function commands(subject: Subject, first: number, last: number): Entry[] {
  return Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, at) => command(subject, first + at),
  );
}

/** Commands, with a no-op and a membership among them. */
function mixedEntries(subject: Subject, first: number, last: number): Entry[] {
  return commands(subject, first, last).map((entry) =>
    entry.index % 3 === 0
      ? (entry.index % 2 === 0 ? noop(entry.index) : membershipEntry(entry.index))
      : entry
  );
}

function noop(index: number): Entry {
  return { term: TERM, index, kind: "noop", data: new Uint8Array(0) };
}

function membershipEntry(index: number): Entry {
  return { term: TERM, index, kind: "membership", data: encodeMembership(MEMBERSHIP) };
}

function metaOf(index: number): SnapshotMeta {
  return { last: { term: TERM, index }, membership: MEMBERSHIP };
}

/** The chunks without their last byte. */
async function* cutShort(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | null = null;
  for await (const chunk of chunks) {
    if (held !== null) {
      yield held;
    }
    held = chunk;
  }
  if (held !== null) {
    yield held.subarray(0, held.length - 1);
  }
}

/** The first half of the first chunk, then a failure, as when a link breaks. */
async function* broken(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk.subarray(0, chunk.length >> 1);
    break;
  }
  throw new Error("the stream broke off");
}

/** These chunks, and then nothing for ever. */
async function* hangingAfter(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
  await new Promise<never>(() => {});
}

/** Results may hold bytes and big integers. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

function demand(holds: boolean, observation: string): asserts holds {
  if (!holds) {
    throw new StateMachineRequirementError(observation);
  }
}
