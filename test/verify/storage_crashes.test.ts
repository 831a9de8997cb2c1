import test from "ava";
import { assertHonestEverywhere, EVERY_BIT } from "../storage/wal/damaged_log.ts";
import { assertSurvivesEveryCall, FILLS } from "../storage/wal/dying_log.ts";

// `test/storage/wal/crash_everywhere.test.ts` plays some of it with segments filled at once.
for (const { fills, zerosAheadBytes } of FILLS.slice(1)) {
  test(`W5, W9, W10: WalLogStore comes back from a power cut before and during each of 2,000 calls, whatever is lost: ${fills}`, async (t) => {
    t.timeout(900_000);
    await assertSurvivesEveryCall(t, { callsMin: 2_000, zerosAheadBytes });
  });
}

for (const closes of [false, true]) {
  const last = closes ? "is confirmed" : "may be torn";
  test(`${EVERY_BIT.title}: WalLogStore loses nothing without a word where the last batch ${last}`, async (t) => {
    t.timeout(600_000);
    await assertHonestEverywhere(t, EVERY_BIT, { closes });
  });
}
