import test from "ava";
import { docExampleProblems, docExamples } from "../../scripts/checks/doc_examples.ts";

/** A `mod.ts` whose header has one example. */
function moduleWith(...code: readonly string[]): ReadonlyMap<string, string> {
  const lines = ["/**", " * Title.", " *", " * ```ts", ...code.map((line) => ` * ${line}`)];
  return new Map([["raft/mod.ts", [...lines, " * ```", " */", "export {};"].join("\n")]]);
}

test("docExamples finds the program in a header, and where it stands", (t) => {
  t.deepEqual(docExamples(moduleWith("const a = 1;", "a;")), [
    { path: "raft/mod.ts", line: 5, code: "const a = 1;\na;" },
  ]);
});

test("docExampleProblems accepts an example that prints what it says", async (t) => {
  const sources = moduleWith(
    `const all: string[] = ["a", "b"];`,
    `console.log(all); // ["a", "b"]`,
    `for (const one of all) console.log(one); // "a", then "b"`,
  );
  t.deepEqual(await docExampleProblems(sources), []);
});

test("docExampleProblems rejects an example that prints something else", async (t) => {
  t.deepEqual(await docExampleProblems(moduleWith("console.log(1 + 1); // 3")), [
    "raft/mod.ts:5: prints\n2\nbut says that it prints\n3",
  ]);
});

test("docExampleProblems rejects an example that throws", async (t) => {
  const [problem] = await docExampleProblems(moduleWith(`throw new Error("broken");`));
  t.regex(problem ?? "", /^raft\/mod\.ts:5: [^]*Error: broken/);
});
