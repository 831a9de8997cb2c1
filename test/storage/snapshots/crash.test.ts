import test from "ava";
import { killsThenPowerCuts, powerCuts } from "./crash_trace.ts";
import type { CallHook } from "./hooked_file_system.ts";

test("W15: FileSnapshotStore has the old snapshot or the new one after a power cut at any call", async (t) => {
  const { crashes, problems } = await powerCuts();
  t.log(`${crashes} crashes`);
  t.true(crashes > 400, `${crashes} crashes`);
  t.deepEqual(problems, []);
});

test("W15: FileSnapshotStore takes nothing back that a life after a kill was told of", async (t) => {
  const { crashes, problems } = await killsThenPowerCuts();
  t.log(`${crashes} kills`);
  t.true(crashes > 50, `${crashes} kills`);
  t.deepEqual(problems, []);
});

/** The name of the call alone, so that each is left out wherever it is made. */
function leaving(out: string): CallHook {
  return ({ name }) => name === out ? "skip" : undefined;
}

for (
  const { out, run, finds } of [
    { out: "dataSync", run: powerCuts, finds: /damage/ },
    { out: "syncDirectory", run: powerCuts, finds: /instead of/ },
    { out: "syncDirectory", run: killsThenPowerCuts, finds: /instead of/ },
  ]
) {
  test(`${run.name} finds that ${out} is left out`, async (t) => {
    const { problems } = await run(leaving(out));
    t.true(problems.some((problem) => finds.test(problem)), problems.slice(0, 3).join("\n"));
  });
}
