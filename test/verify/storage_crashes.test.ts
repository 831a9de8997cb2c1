import test from "ava";
import { assertSurvivesEveryCall } from "../storage/wal/dying_log.ts";

test("W5, W9, W10: WalLogStore comes back from a power cut at each of 2,000 calls, whatever is lost", async (t) => {
  t.timeout(600_000);
  await assertSurvivesEveryCall(t, 2_000);
});
