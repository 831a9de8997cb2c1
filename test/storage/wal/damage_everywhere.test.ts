import test from "ava";
import {
  assertHonestEverywhere,
  DAMAGES,
  endOf,
  ONE_BIT_OF_EVERY_BYTE,
  opened,
  OPERATIONS,
  written,
} from "./damaged_log.ts";

// `test/verify/storage_crashes.test.ts` flips every bit.
for (const damage of [...DAMAGES, ONE_BIT_OF_EVERY_BYTE]) {
  for (const closes of [false, true]) {
    const last = closes ? "is confirmed" : "may be torn";
    test(`${damage.title}: WalLogStore loses nothing without a word where the last batch ${last}`, async (t) => {
      await assertHonestEverywhere(t, damage, { closes });
    });
  }
}

test("W4: WalLogStore takes nothing that an older life of the file left behind its end", async (t) => {
  const { bytes } = await written({ closes: true });
  const end = endOf(bytes);
  const padded = end + (8 - end % 8) % 8;
  let cut = 0;
  for (let from = padded - 1_000; from < padded; from += 8) {
    // The frames of the log once more, where none was written in this life.
    const stale = bytes.slice();
    stale.set(bytes.slice(from, padded), padded);
    const outcome = await opened(stale);
    if ("code" in outcome) {
      t.is(outcome.code, "WAL_CORRUPT", `from ${from}`);
    } else {
      t.is(outcome.operations, OPERATIONS.length, `from ${from}`);
      cut += outcome.repairs.length;
    }
  }
  t.true(cut > 100, `${cut} were cut`);
});
