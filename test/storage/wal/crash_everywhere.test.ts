import test from "ava";
import { assertSurvivesEveryCall } from "./dying_log.ts";

// `test/verify/storage_crashes.test.ts` plays 2,000.
test("W5, W9, W10: WalLogStore comes back from a power cut before and during each of 150 calls, whatever is lost", async (t) => {
  await assertSurvivesEveryCall(t, 150);
});
