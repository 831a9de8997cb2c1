import test from "ava";
import { assertStaysSuspect, assertSurvivesEveryCall, FILLS } from "./dying_log.ts";

// `test/verify/storage_crashes.test.ts` plays 2,000.
for (const { fills, zerosAheadBytes } of FILLS) {
  test(`W5, W9, W10: WalLogStore comes back from a power cut before and during each of 100 calls, whatever is lost: ${fills}`, async (t) => {
    await assertSurvivesEveryCall(t, { callsMin: 100, zerosAheadBytes });
  });
}

for (
  const { isFull, why } of [
    { isFull: false, why: "the word goes into the place of what is cut" },
    { isFull: true, why: "the word needs a new segment" },
  ]
) {
  test(`W16: WalLogStore forgets at no power cut that its end was damaged: ${why}`, async (t) => {
    await assertStaysSuspect(t, { isFull });
  });
}
