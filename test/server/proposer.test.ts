import test from "ava";
import { RpcError } from "../../server/errors.ts";
import { Proposer, REQUEST_BYTES_MAX } from "../../server/proposer.ts";
import { REQUEST_TIMEOUT_MS } from "../../server/request_deadlines.ts";
import type { ApplyResult } from "../../server/state/apply_result.ts";
import { decodeCommand } from "../../server/state/command.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A proposer over a node that keeps what it is given and answers as it is told. */
function newProposer({ result, stampMs = 0, applyGap = 0 }: {
  readonly result?: ApplyResult;
  readonly stampMs?: number;
  readonly applyGap?: number;
} = {}) {
  const clock = new VirtualClock();
  const proposed: Uint8Array[] = [];
  const answer = () => result === undefined ? new Promise(() => {}) : Promise.resolve({ result });
  const node = {
    applyGap,
    propose(command: Uint8Array) {
      proposed.push(command);
      return answer();
    },
    readBarrier: answer,
  };
  const state = { position: { index: 0, term: 0, stampMs } };
  const proposer = new Proposer({ node, state, clock, firstRequestId: 7 } as never);
  return { clock, proposed, proposer };
}

const DONE: ApplyResult = { type: "done" };

test("Proposer.propose names, stamps and numbers its commands", async (t) => {
  const { clock, proposed, proposer } = newProposer({ result: DONE });
  await proposer.propose("put", Uint8Array.of(1));
  clock.advance(10);
  await proposer.propose("deleteRange", Uint8Array.of(2));
  t.like(proposed.map(decodeCommand), [
    { kind: "put", requestId: 7, stampMs: clock.now() - 10, payload: Uint8Array.of(1) },
    { kind: "deleteRange", requestId: 8, stampMs: clock.now(), payload: Uint8Array.of(2) },
  ]);
});

test("Proposer's stamps never go back, and forward by an hour at most (M15)", async (t) => {
  const hour = 3_600_000;
  const { clock, proposed, proposer } = newProposer({ result: DONE });
  const stamp = async () => {
    await proposer.propose("put", new Uint8Array(0));
    return decodeCommand(proposed.at(-1) as Uint8Array).stampMs;
  };
  const start = await stamp();
  clock.jump(-5 * hour);
  t.is(await stamp(), start);
  clock.jump(100 * hour);
  t.is(await stamp(), start + hour);
  t.is(await stamp(), start + 2 * hour);
});

test("Proposer's stamps follow on those that are applied already", async (t) => {
  const stampMs = 10 ** 13;
  const { proposed, proposer } = newProposer({ result: DONE, stampMs });
  await proposer.propose("put", new Uint8Array(0));
  t.is(decodeCommand(proposed[0] as Uint8Array).stampMs, stampMs);
});

for (
  const { options, bytes, message } of [
    {
      options: { result: DONE },
      bytes: REQUEST_BYTES_MAX + 1,
      message: "etcdserver: request is too large",
    },
    {
      options: { result: DONE, applyGap: 5_001 },
      bytes: 1,
      message: "etcdserver: too many requests",
    },
    {
      options: { result: { type: "refused", code: "KEY_NOT_FOUND" } },
      bytes: 1,
      message: "etcdserver: key not found",
    },
  ] as const
) {
  test(`Proposer.propose tells "${message}"`, async (t) => {
    const { proposer } = newProposer(options);
    await t.throwsAsync(proposer.propose("put", new Uint8Array(bytes)), {
      instanceOf: RpcError,
      message,
    });
  });
}

test("Proposer takes a request of exactly the largest size", async (t) => {
  const { proposer } = newProposer({ result: DONE });
  t.deepEqual(await proposer.propose("put", new Uint8Array(REQUEST_BYTES_MAX)), DONE);
});

test("Proposer ends what takes too long with etcd's timeout, and no earlier", async (t) => {
  const { clock, proposer } = newProposer();
  const outcomes: string[] = [];
  const watch = (name: string, answer: Promise<unknown>) =>
    answer.catch((error: Error) => outcomes.push(`${name}: ${error.message}`));
  const first = watch("write", proposer.propose("put", new Uint8Array(1)));
  clock.advance(1_000);
  const second = watch("read", proposer.readBarrier());
  clock.advance(REQUEST_TIMEOUT_MS - 1_001);
  await Promise.resolve();
  t.deepEqual(outcomes, []);
  clock.advance(500);
  await first;
  t.deepEqual(outcomes, ["write: etcdserver: request timed out"]);
  clock.advance(1_000);
  await second;
  t.deepEqual(outcomes.at(-1), "read: etcdserver: request timed out");
  proposer.close();
});
