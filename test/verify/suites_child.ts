import { backendCases, logStoreCases, stateMachineCases } from "../../testing/mod.ts";
import { snapshotMapTestbed } from "../examples/snapshot_map_testbed.ts";
import { BACKENDS } from "../storage/backend_testbeds.ts";
import { LOG_STORES } from "../storage/log_store_testbeds.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Plays the suites without a test runner, and prints what passed and what failed as JSON. */
await using directory = await temporaryDirectory();
const openMap = () => snapshotMapTestbed(directory.path);
const failed: { readonly name: string; readonly error: string }[] = [];
let passed = 0;
const suites = [
  ...Object.entries(LOG_STORES).map(([store, options]) => ({
    store,
    cases: logStoreCases(options),
  })),
  ...Object.entries(BACKENDS).map(([store, options]) => ({ store, cases: backendCases(options) })),
  { store: "SnapshotMap", cases: stateMachineCases({ openTestbed: openMap }) },
].flatMap(({ store, cases }) => cases.map((one) => ({ ...one, store })));
for (const { store, name, run } of suites) {
  try {
    await run();
    passed += 1;
  } catch (error) {
    failed.push({ name: `${store}: ${name}`, error: String(error) });
  }
}
console.log(JSON.stringify({ passed, failed }));
