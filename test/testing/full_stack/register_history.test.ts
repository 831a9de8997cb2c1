import test from "ava";
import { ClientHistory } from "../../../testing/full_stack/client_history.ts";
import { encodeRegisterCommand } from "../../../testing/full_stack/register_command.ts";
import { isLinearizable } from "../../../testing/full_stack/register_history.ts";
import { CommittedLog } from "../../../testing/invariants/committed_log.ts";

const REGISTER = 0;

/** Clients, of which the first writes by attempts 1 and 2, and what the log has of it. */
function written(): { history: ClientHistory; committed: CommittedLog } {
  const history = new ClientHistory();
  const write = history.begin({ client: 1, operation: "write", register: REGISTER });
  write.attempts.push(1, 2);
  // Committed is all that it was told; by which attempt, it does not know.
  history.finish(write, { index: null, previous: null, value: null });
  const committed = new CommittedLog();
  const data = encodeRegisterCommand(
    { id: 1, operation: "write", register: REGISTER, client: 1, sequence: 1 },
    0,
  );
  committed.add({ index: 1, term: 1, kind: "command", data }, 1);
  return { history, committed };
}

test("isLinearizable finds a stale read that agrees with the log and is too early for it", (t) => {
  const { history, committed } = written();
  const read = history.begin({ client: 2, operation: "read", register: REGISTER });
  history.finish(read, { index: 0, previous: null, value: 0 });
  t.notThrows(() => history.assertFollows(committed), "the log cannot tell");
  t.is(isLinearizable(history.requests), false);
});

test("isLinearizable takes a read of either attempt, and of one alone", (t) => {
  for (const [first, second, isRight] of [[1, 1, true], [2, 2, true], [1, 2, false]] as const) {
    const { history } = written();
    for (const value of [first, second]) {
      const read = history.begin({ client: 2, operation: "read", register: REGISTER });
      history.finish(read, { index: null, previous: null, value });
    }
    t.is(isLinearizable(history.requests), isRight, `${first}, ${second}`);
  }
});

test("isLinearizable takes what had an effect that only others saw, and what had none", (t) => {
  for (const [value, isRight] of [[0, true], [1, true], [9, false]] as const) {
    const history = new ClientHistory();
    const write = history.begin({ client: 1, operation: "swap", register: REGISTER });
    write.attempts.push(1);
    history.giveUp(write, "unknown");
    const read = history.begin({ client: 2, operation: "read", register: REGISTER });
    history.finish(read, { index: null, previous: null, value });
    t.is(isLinearizable(history.requests), isRight, `${value}`);
  }
});

test("isLinearizable wants a claim refused by what holds the same parity, and no other", (t) => {
  for (const [id, value, isRight] of [[3, 1, true], [3, 3, false], [4, 4, true]] as const) {
    const history = new ClientHistory();
    const write = history.begin({ client: 1, operation: "write", register: REGISTER });
    write.attempts.push(1);
    history.finish(write, { index: 1, previous: 0, value: 1 });
    const claim = history.begin({ client: 2, operation: "claim", register: REGISTER });
    claim.attempts.push(id);
    history.finish(claim, { index: 2, previous: 1, value });
    t.is(isLinearizable(history.requests), isRight, `${id} leads to ${value}`);
  }
});
