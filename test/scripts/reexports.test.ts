import test from "ava";
import { reexportProblems } from "../../scripts/checks/reexports.ts";

for (
  const { code, want } of [
    { code: `export { a } from "./a.ts";`, want: `"./a.ts"` },
    { code: `export * from "./a.ts";`, want: `"./a.ts"` },
    { code: `export type { A } from "./a.ts";`, want: `"./a.ts"` },
    { code: `import { a } from "./a.ts"; export { a };`, want: "a" },
    { code: `import { a as b } from "./a.ts"; export { b as c };`, want: "b" },
    { code: `import * as a from "./a.ts"; export { a };`, want: "a" },
    { code: `import a from "./a.ts"; export { a };`, want: "a" },
  ]
) {
  test(`reexportProblems rejects ${code}`, (t) => {
    t.deepEqual(reexportProblems(new Map([["raft/b.ts", code]])), [
      `raft/b.ts:1: re-exports ${want}; only a mod.ts may`,
    ]);
    t.deepEqual(reexportProblems(new Map([["raft/mod.ts", code], ["mod.ts", code]])), []);
  });
}

test("reexportProblems accepts the exports of what a file defines", (t) => {
  const code = `import { a } from "./a.ts"; const b = a; export { b }; export const c = a;`;
  t.deepEqual(reexportProblems(new Map([["raft/b.ts", code]])), []);
});
