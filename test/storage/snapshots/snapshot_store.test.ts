import test from "ava";
import { ownSnapshotStoreCases } from "./snapshot_store_testbed.ts";

for (const [name, requirements] of Object.entries(ownSnapshotStoreCases())) {
  for (const requirement of requirements) {
    test(`${name}: ${requirement.name}`, async (t) => {
      await t.notThrowsAsync(() => requirement.run());
    });
  }
}
