import test from "ava";
import { ALL_SCENARIOS } from "./all_scenarios.ts";

for (const { id, name, run } of ALL_SCENARIOS) {
  test(`${id}: ${name}`, (t) => {
    t.notThrows(run);
  });
}
