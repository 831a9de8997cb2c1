import { logStoreCases } from "../../testing/mod.ts";
import { LOG_STORES } from "../storage/log_store_testbeds.ts";

/** Plays the suites without a test runner, and prints what passed and what failed as JSON. */
const failed: { readonly name: string; readonly error: string }[] = [];
let passed = 0;
const suites = Object.entries(LOG_STORES)
  .flatMap(([name, options]) => logStoreCases(options).map((one) => ({ ...one, store: name })));
for (const { store, name, run } of suites) {
  try {
    await run();
    passed += 1;
  } catch (error) {
    failed.push({ name: `${store}: ${name}`, error: String(error) });
  }
}
console.log(JSON.stringify({ passed, failed }));
