import test from "ava";
import {
  ClientHistory,
  type RecordedRequest,
  type RequestAnswer,
} from "../../../testing/full_stack/client_history.ts";
import type { RegisterCommand } from "../../../testing/full_stack/register_command.ts";
import { CommittedLog } from "../../../testing/invariants/committed_log.ts";
import { noop } from "../invariants/fake_group.ts";
import { testHistories } from "../invariants/histories.ts";
import { commandEntry } from "./register_entry.ts";

/** What clients asked for and were told, and the log of what was committed. */
class Story {
  readonly history: ClientHistory = new ClientHistory();
  readonly #committed = new CommittedLog();

  /** Commits commands, in order; each is a write of its id to register 1, unless it says otherwise. */
  commit(...commands: readonly (Partial<RegisterCommand> & { readonly id: number })[]): void {
    for (const command of commands) {
      this.#committed.add(commandEntry(this.#committed.lastIndex + 1, command), 1);
    }
  }

  commitNoop(): void {
    this.#committed.add(noop(this.#committed.lastIndex + 1, 1), 1);
  }

  /** Begins a request, with the ids of its attempts. */
  ask(operation: RecordedRequest["operation"], ...attempts: readonly number[]): RecordedRequest {
    const request = this.history.begin({ client: 1, operation, register: 1 });
    request.attempts.push(...attempts);
    return request;
  }

  /** A command that is asked for and answered. */
  command(
    operation: RecordedRequest["operation"],
    attempts: readonly number[],
    answer: RequestAnswer,
  ): void {
    this.history.finish(this.ask(operation, ...attempts), answer);
  }

  /** A read that is asked for and answered. */
  read(index: number, value: number): void {
    this.history.finish(this.ask("read"), { index, previous: null, value });
  }

  check(): void {
    this.history.assertFollows(this.#committed);
  }
}

testHistories("ClientHistory", {
  create: () => new Story(),
  check: "linearizable",
  fine: [
    {
      why: "each answer is what the log says",
      steps: (story) => [
        () => story.read(0, 0),
        () => story.commitNoop(),
        () =>
          story.commit({ id: 10 }, { id: 21, operation: "swap" }, { id: 31, operation: "claim" }),
        () => story.command("write", [10], { index: 2, previous: 0, value: 10 }),
        () => story.read(2, 10),
        () => story.command("swap", [21], { index: 3, previous: 10, value: 21 }),
        () => story.command("claim", [31], { index: 4, previous: 21, value: 21 }),
        () => story.read(4, 21),
        () => story.check(),
      ],
    },
    {
      why: "answers come in another order than the log's, to requests that overlap",
      steps: (story) => {
        const [first, second, read] = [
          story.ask("write", 10),
          story.ask("write", 20),
          story.ask("read"),
        ];
        return [
          () => story.commit({ id: 10 }, { id: 20 }),
          () => story.history.finish(second, { index: 2, previous: 10, value: 20 }),
          () => story.history.finish(first, { index: 1, previous: 0, value: 10 }),
          () => story.history.finish(read, { index: 1, previous: null, value: 10 }),
          () => story.check(),
        ];
      },
    },
    {
      why: "a request of unknown outcome is in the log, and another one is not",
      steps: (story) => [
        () => story.commit({ id: 10 }),
        () => story.history.giveUp(story.ask("write", 10), "unknown"),
        () => story.history.giveUp(story.ask("write", 20), "unknown"),
        () => story.history.giveUp(story.ask("write", 30), "dropped"),
        () => story.read(1, 10),
        () => story.check(),
      ],
    },
    {
      why: "a request that was tried three times took effect by its second attempt",
      steps: (story) => [
        () => story.commit({ id: 11, client: 9 }, { id: 20 }, { id: 12, client: 9 }),
        () => story.command("write", [10, 11, 12], { index: 1, previous: 0, value: 11 }),
        () => story.read(3, 20),
        () => story.check(),
      ],
    },
    {
      why: "a client was told only that its command is committed, or where",
      steps: (story) => [
        () => story.commit({ id: 10 }, { id: 20 }),
        () => story.command("write", [10], { index: null, previous: null, value: null }),
        () => story.command("write", [20], { index: 2, previous: null, value: null }),
        () => story.check(),
      ],
    },
    {
      why: "a request still waits for its answer",
      steps: (story) => [() => story.ask("write", 10), () => story.check()],
    },
  ],
  broken: [
    {
      why: "a command took effect before what was known when it was asked for",
      steps: (story) => [
        () => story.commit({ id: 20 }, { id: 10 }),
        () => story.command("write", [10], { index: 2, previous: 20, value: 10 }),
        () => story.command("write", [20], { index: 1, previous: 0, value: 20 }),
      ],
    },
    {
      why: "a command took effect where another one had done so before it was asked for",
      steps: (story) => [
        () => story.command("write", [10], { index: 2, previous: 0, value: 10 }),
        () => story.command("write", [20], { index: 2, previous: 0, value: 20 }),
      ],
    },
    {
      why: "a read is older than what was known when it was asked for",
      steps: (story) => [
        () => story.commit({ id: 10 }, { id: 20 }),
        () => story.command("write", [20], { index: 2, previous: 10, value: 20 }),
        () => story.read(1, 10),
      ],
    },
    {
      why: "a read is older than another read that was answered before it",
      steps: (story) => [() => story.read(2, 20), () => story.read(1, 10)],
    },
    {
      why: "a later answer of an earlier entry hides the newest one",
      steps: (story) => {
        const early = story.ask("write", 10);
        return [
          () => story.command("write", [20], { index: 2, previous: 10, value: 20 }),
          () => story.history.finish(early, { index: 1, previous: 0, value: 10 }),
          () => story.read(1, 10),
        ];
      },
    },
    {
      why: "a read was answered what nobody wrote",
      steps: (story) => [
        () => story.commit({ id: 10 }),
        () => story.read(1, 11),
        () => story.check(),
      ],
    },
    {
      why: "the second of two reads at one index was answered something else",
      steps: (story) => [
        () => story.commit({ id: 10 }),
        () => story.read(1, 10),
        () => story.read(1, 0),
        () => story.check(),
      ],
    },
    {
      why: "the older of two reads that overlap was answered something else",
      steps: (story) => {
        const [newer, older] = [story.ask("read"), story.ask("read")];
        return [
          () => story.commit({ id: 10 }, { id: 20 }),
          () => story.history.finish(newer, { index: 2, previous: null, value: 20 }),
          () => story.history.finish(older, { index: 1, previous: null, value: 20 }),
          () => story.check(),
        ];
      },
    },
    {
      why: "a read before all entries found something",
      steps: (story) => [
        () => story.commit({ id: 10 }),
        () => story.read(0, 10),
        () => story.check(),
      ],
    },
    {
      why: "a swap was answered another value than there was before",
      steps: (story) => [
        () => story.commit({ id: 10 }, { id: 20, operation: "swap" }),
        () => story.command("swap", [20], { index: 2, previous: 0, value: 20 }),
        () => story.check(),
      ],
    },
    {
      why: "a claim was answered to have succeeded that did not",
      steps: (story) => [
        () => story.commit({ id: 10 }, { id: 20, operation: "claim" }),
        () => story.command("claim", [20], { index: 2, previous: 10, value: 20 }),
        () => story.check(),
      ],
    },
    {
      why: "a command was answered another place than its own",
      steps: (story) => [
        () => story.commit({ id: 10 }, { id: 20 }),
        () => story.command("write", [10], { index: 2, previous: 0, value: 10 }),
        () => story.check(),
      ],
    },
    {
      why: "a request that was tried twice was answered the place of the attempt without effect",
      steps: (story) => [
        () => story.commit({ id: 10, client: 9 }, { id: 11, client: 9 }),
        () => story.command("write", [10, 11], { index: 2, previous: 0, value: 10 }),
        () => story.check(),
      ],
    },
    {
      why: "a request that was tried twice took effect twice",
      steps: (story) => [
        () => story.commit({ id: 10, client: 9 }, { id: 20 }, { id: 11, client: 9, sequence: 2 }),
        () => story.command("write", [10, 11], { index: 3, previous: 20, value: 11 }),
        () => story.check(),
      ],
    },
    {
      check: "exactly once",
      why: "a command was answered that is not in the log",
      steps: (story) => [
        () => story.commit({ id: 10 }),
        () => story.command("write", [20], { index: 1, previous: 0, value: 20 }),
        () => story.check(),
      ],
    },
    {
      check: "exactly once",
      why: "a command was dropped that is in the log",
      steps: (story) => [
        () => story.commit({ id: 10 }),
        () => story.history.giveUp(story.ask("write", 10), "dropped"),
        () => story.check(),
      ],
    },
    {
      check: "exactly once",
      why: "one attempt of a request that was dropped is in the log",
      steps: (story) => [
        () => story.commit({ id: 11 }),
        () => story.history.giveUp(story.ask("write", 10, 11), "dropped"),
        () => story.check(),
      ],
    },
  ],
});

// Nothing of the log stands against such a read, but nothing stands for it.
test("ClientHistory rejects a read of what lies beyond the end of the committed log", (t) => {
  const story = new Story();
  story.commit({ id: 10 });
  story.read(2, 10);
  t.throws(() => story.check(), { code: "VIOLATION" });
});

test("ClientHistory knows which requests are open, and in which order they began and ended", (t) => {
  const { history } = new Story();
  const [one, two, three] = [1, 2, 3].map((client) =>
    history.begin({ client, operation: "read", register: 1 })
  ) as [RecordedRequest, RecordedRequest, RecordedRequest];
  t.deepEqual([...history.open], [one, two, three]);
  history.finish(two, { index: 0, previous: null, value: 0 });
  history.giveUp(one, "dropped");
  t.deepEqual([...history.open], [three]);
  t.deepEqual(history.requests, [one, two, three]);
  t.deepEqual([one, two, three].map(({ begin, end }) => [begin, end]), [[1, 5], [2, 4], [3, null]]);
  t.deepEqual([one, two, three].map(({ outcome }) => outcome), ["dropped", "done", null]);
});
