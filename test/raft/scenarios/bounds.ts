import {
  type Entry,
  INITIAL_HARD_STATE,
  membershipOf,
  type Message,
  RaftCore,
  type RaftEffect,
  type RaftEvent,
  type RaftTuning,
  type Role,
  WHOLE_LOG,
} from "../../../raft/mod.ts";
import { must, type Scenario, SeededRandom } from "../../../testing/mod.ts";

/** What may wait, and in which memory, has bounds that hold (R16). */
export const BOUND_SCENARIOS: readonly Scenario[] = [
  {
    id: "R16",
    name: "empty commands count where uncommitted bytes are bounded",
    run: () => {
      const member = new LoneMember({ uncommittedBytesMax: 1_000 });
      member.lead();
      const dropped = member.propose(1_000, 0);
      must(dropped > 900, `${1_000 - dropped} of 1,000 were taken`);
    },
  },
  {
    id: "R16",
    name: "the commit of what a leader inherited makes no room for more",
    run: () => {
      const member = new LoneMember({ uncommittedBytesMax: 10 * 132 });
      member.receive({
        type: "appendRequest",
        from: "b",
        term: 1,
        attempt: 1,
        previous: { term: 0, index: 0 },
        commit: 0,
        entries: Array.from({ length: 10 }, (_, at) => command(at + 1, 100)),
      });
      member.lead();
      must(member.propose(10, 100) === 0, "ten commands fit");
      member.acknowledge(11);
      must(member.core.committedIndex === 11, "what was inherited is committed, and the no-op");
      must(member.propose(10, 100) === 10, "there is still no room for more");
      member.acknowledge(21);
      must(member.propose(10, 100) === 0, "until they are committed");
    },
  },
  {
    id: "R16",
    name: "answers that wait for the disk do not pile up",
    run: () => {
      const member = new LoneMember({});
      member.holdsDisk = true;
      for (let round = 1; round <= 1_000; round += 1) {
        member.receive({ type: "heartbeat", from: "b", term: 1, commit: 0, round });
      }
      member.holdsDisk = false;
      member.finishWrites();
      const answers = member.sent.filter(({ type }) => type === "heartbeatResponse");
      must(answers.length === 1, `${answers.length} answers to 1,000 heartbeats`);
      must(answers.some((answer) => "round" in answer && answer.round === 1_000), "to the last");
    },
  },
  {
    id: "R16",
    name: "committed entries that a slow state machine has not applied do not stay in memory",
    run: () => {
      const member = new LoneMember({ tailBytesMax: 10_000, applyBytesMax: 2_000 });
      for (let index = 1; index <= 100; index += 1) {
        member.receive({
          type: "appendRequest",
          from: "b",
          term: 1,
          attempt: 1,
          previous: { term: index === 1 ? 0 : 1, index: index - 1 },
          commit: index,
          entries: [command(index, 1_000)],
        });
      }
      must(member.core.committedIndex === 100, "100 entries are committed");
      const [first] = member.applying;
      must(first !== undefined, "the state machine is at work on the first");
      const effects = member.step({ type: "applied", index: first.index });
      must(effects.some(({ type }) => type === "readEntries"), "the others come from the disk");
    },
  },
];

function command(index: number, bytes: number): Entry {
  return { term: 1, index, kind: "command", data: new Uint8Array(bytes) };
}

/** The member `a` of a group of three, whose disk is as fast as it can be, or held. */
class LoneMember {
  readonly core: RaftCore;
  readonly sent: Message[] = [];
  holdsDisk = false;
  #dropped = 0;
  /** What was handed out to be applied last. */
  applying: readonly Entry[] = [];
  #writes: (RaftEffect & { type: "persist" })[] = [];

  constructor(tuning: RaftTuning) {
    this.core = new RaftCore({
      id: "a",
      membership: membershipOf(["a", "b", "c"]),
      logState: {
        hardState: INITIAL_HARD_STATE,
        marker: WHOLE_LOG,
        lastIndex: 0,
        terms: [],
        membershipEntries: [],
      },
      appliedIndex: 0,
      random: new SeededRandom(1),
      tuning: { preVote: false, ...tuning },
    });
  }

  get role(): Role {
    return this.core.status.role;
  }

  step(event: RaftEvent): RaftEffect[] {
    const effects = this.core.step(event);
    for (const effect of effects) {
      if (effect.type === "persist") {
        this.#writes.push(effect);
      } else if (effect.type === "send") {
        this.sent.push(effect.message);
      } else if (effect.type === "proposalsDropped") {
        this.#dropped += effect.ids.length;
      } else if (effect.type === "apply") {
        this.applying = effect.entries;
      }
    }
    if (!this.holdsDisk) {
      this.finishWrites();
    }
    return effects;
  }

  finishWrites(): void {
    for (const { sequence, entries, hardState } of this.#writes.splice(0)) {
      const upTo = entries.at(-1) ?? null;
      this.step({ type: "persisted", sequence, upTo, hardState });
    }
  }

  receive(message: object): void {
    this.step({ type: "received", message: { ...message, to: "a" } as Message });
  }

  lead(): void {
    for (let tick = 0; tick < 100 && this.role !== "candidate"; tick += 1) {
      this.step({ type: "tick" });
    }
    must(this.role === "candidate", "a stands");
    const { term } = this.core;
    const commit = { term: 0, index: 0 };
    this.receive({
      type: "voteResponse",
      from: "b",
      term,
      isPreVote: false,
      granted: true,
      commit,
    });
    must(this.core.status.leader === "a", "a leads");
  }

  /** Proposes commands. Returns how many were dropped. */
  propose(count: number, bytes: number): number {
    const proposals = Array.from({ length: count }, (_, id) => ({
      id,
      data: new Uint8Array(bytes),
    }));
    const before = this.#dropped;
    this.step({ type: "proposed", proposals });
    return this.#dropped - before;
  }

  /** b says that it has all up to `match`. */
  acknowledge(match: number): void {
    const attempt = this.sent.reduce(
      (last, message) =>
        message.type === "appendRequest" && message.to === "b" ? message.attempt : last,
      0,
    );
    this.receive({ type: "appendAccepted", from: "b", term: this.core.term, attempt, match });
  }
}
