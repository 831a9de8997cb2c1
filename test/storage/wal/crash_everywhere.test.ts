import test from "ava";
import { assertStaysSuspect, assertSurvivesEveryCall } from "./dying_log.ts";

// `test/verify/storage_crashes.test.ts` plays 2,000.
test("W5, W9, W10: WalLogStore comes back from a power cut before and during each of 150 calls, whatever is lost", async (t) => {
  await assertSurvivesEveryCall(t, 150);
});

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
