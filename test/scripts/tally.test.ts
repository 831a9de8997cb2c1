import test from "ava";
import { parseTapLine } from "../../scripts/tiers/tap_parser.ts";
import { Tally } from "../../scripts/tiers/tally.ts";

function tallyOf(tap: string): Tally {
  const tally = new Tally();
  tap.split("\n").forEach((line) => tally.add(parseTapLine(line)));
  return tally;
}

for (
  const { tap, exitCode, summary, success, why } of [
    {
      tap: "TAP version 13\nok 1 - a\nok 2 - b # SKIP\n\n1..2\n# tests 2\n# pass 1\n# fail 0",
      exitCode: 0,
      summary: "1 passed, 0 failed, 1 skipped",
      success: true,
      why: "a skipped test is neither a success nor a failure",
    },
    {
      tap: "ok 1 - a\nnot ok 2 - b\n  ---\n    message: no\n  ...\n# fail 1",
      exitCode: 1,
      summary: "1 passed, 1 failed, 0 skipped",
      success: false,
      why: "one failure is enough",
    },
    {
      tap: "ok 1 - a\nnot ok 2 - b # TODO\n# fail 1",
      exitCode: 0,
      summary: "1 passed, 0 failed, 1 skipped",
      success: true,
      why: "a planned test has not failed, whatever TAP calls it",
    },
    {
      tap: "ok 1 - a\n# fail 3",
      exitCode: 1,
      summary: "1 passed, 3 failed, 0 skipped",
      success: false,
      why: "tests that never came to an end are counted though not listed",
    },
    {
      tap: "ok 1 - a\n# fail 0",
      exitCode: 1,
      summary: "1 passed, 1 failed, 0 skipped",
      success: false,
      why: "AVA knows of a failure that it did not list",
    },
    {
      tap: "ok 1 - a\nok 2 - b",
      exitCode: 0,
      summary: "2 passed, 1 failed, 0 skipped",
      success: false,
      why: "without AVA's summary the run broke off",
    },
    {
      tap: "ok 1 - a # SKIP\n# fail 0",
      exitCode: 0,
      summary: "0 passed, 1 failed, 1 skipped",
      success: false,
      why: "a run in which no test ran proves nothing",
    },
    {
      tap: "",
      exitCode: null,
      summary: "0 passed, 1 failed, 0 skipped",
      success: false,
      why: "AVA was killed",
    },
  ]
) {
  test(`Tally says ${summary}: ${why}`, (t) => {
    const tally = tallyOf(tap);
    t.is(tally.summary(exitCode), summary);
    t.is(tally.isSuccess(exitCode), success);
  });
}

test("parseTapLine tells results from details and from the frame around them", (t) => {
  t.deepEqual(parseTapLine("not ok 12 - raft › a - b # c"), {
    type: "result",
    outcome: "failed",
    title: "raft › a - b # c",
  });
  t.deepEqual(parseTapLine("    message: no"), { type: "detail", text: "    message: no" });
  t.deepEqual(parseTapLine("  ---"), { type: "frame" });
});
