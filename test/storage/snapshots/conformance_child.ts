import process from "node:process";
import { ownSnapshotStoreCases } from "./snapshot_store_testbed.ts";

/** Runs the conformance suite on all own stores, for runtimes in which AVA does not run. */
let [passed, failed] = [0, 0];
for (const [name, requirements] of Object.entries(ownSnapshotStoreCases())) {
  for (const requirement of requirements) {
    try {
      await requirement.run();
      passed += 1;
    } catch (error) {
      failed += 1;
      console.error(`${name}: ${requirement.name}: ${String(error)}`);
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
