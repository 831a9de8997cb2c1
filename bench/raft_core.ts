import process from "node:process";
import {
  INITIAL_HARD_STATE,
  membershipOf,
  RaftCore,
  type RaftEvent,
  WHOLE_LOG,
} from "../raft/mod.ts";

const IDS = ["a", "b", "c"] as const;

const COMMAND_BYTES = 100;

/** How many commands are proposed at once, and how many in all. */
const LOADS = [
  { batch: 256, commands: 2_000_000 },
  { batch: 1, commands: 300_000 },
];

const ROUNDS = 3;

/**
 * The core alone: three members in one process and one thread, no disk, no
 * network. Each write is durable and each message arrives at once, so what is
 * measured is the deciding: propose, append, send, acknowledge, commit, apply,
 * on all three.
 */
export function raftCore(): Promise<void> {
  process.stdout.write(
    `commands committed and applied on ${IDS.length} members, ${COMMAND_BYTES} B each, ` +
      `median of ${ROUNDS} runs\n`,
  );
  for (const { batch, commands } of LOADS) {
    const rates = Array.from({ length: ROUNDS }, () => commandsPerSecond(batch, commands));
    const rate = rates.sort((a, b) => a - b)[ROUNDS >> 1] ?? NaN;
    process.stdout.write(
      `batch ${batch}: ${Math.round(rate)} commands/s, ${Math.round(1e9 / rate)} ns each\n`,
    );
  }
  return Promise.resolve();
}

function commandsPerSecond(batch: number, commands: number): number {
  const group = new Group();
  group.elect();
  const data = new Uint8Array(COMMAND_BYTES);
  const startMs = performance.now();
  for (let id = 0; id < commands; id += batch) {
    group.push("a", {
      type: "proposed",
      proposals: Array.from({ length: batch }, (_, at) => ({ id: id + at, data })),
    });
    group.run();
  }
  const seconds = (performance.now() - startMs) / 1000;
  const proposed = Math.ceil(commands / batch) * batch;
  for (const [id, applied] of group.applied) {
    // The leader tells of the last commit at once; each has the no-op as well.
    if (applied !== proposed + 1) {
      throw new Error(`${id} applied ${applied} of ${proposed + 1} entries`);
    }
  }
  return proposed / seconds;
}

/** Three cores that hear each other at once. */
class Group {
  readonly #cores: ReadonlyMap<string, RaftCore>;
  #events: [string, RaftEvent][] = [];
  /** Entries applied, by member. */
  readonly applied = new Map<string, number>(IDS.map((id) => [id, 0]));

  constructor() {
    this.#cores = new Map(IDS.map((id) => [
      id,
      new RaftCore({
        id,
        membership: membershipOf(IDS),
        logState: {
          hardState: INITIAL_HARD_STATE,
          marker: WHOLE_LOG,
          lastIndex: 0,
          terms: [],
          membershipEntries: [],
        },
        appliedIndex: 0,
        // "a" is the first to start an election.
        random: { random: () => id === "a" ? 0 : 0.9 },
      }),
    ]));
  }

  push(id: string, event: RaftEvent): void {
    this.#events.push([id, event]);
  }

  elect(): void {
    while (this.#cores.get("a")?.status.role !== "leader") {
      IDS.forEach((id) => this.push(id, { type: "tick" }));
      this.run();
    }
  }

  /** Handles events until there are none. */
  run(): void {
    for (let at = 0; at < this.#events.length; at += 1) {
      const [id, event] = this.#events[at] as [string, RaftEvent];
      this.#step(id, event);
    }
    this.#events = [];
  }

  #step(id: string, event: RaftEvent): void {
    for (const effect of this.#cores.get(id)?.step(event) ?? []) {
      if (effect.type === "send") {
        this.push(effect.message.to, { type: "received", message: effect.message });
      } else if (effect.type === "persist") {
        const { sequence, hardState, entries } = effect;
        this.push(id, { type: "persisted", sequence, hardState, upTo: entries.at(-1) ?? null });
      } else if (effect.type === "apply") {
        this.applied.set(id, (this.applied.get(id) ?? 0) + effect.entries.length);
        this.push(id, { type: "applied", index: effect.entries.at(-1)?.index ?? 0 });
      }
    }
  }
}
