import test from "ava";
import { packageFileProblems, type PackageFiles } from "../../scripts/checks/package_files.ts";

const AGREEING: PackageFiles = {
  packageJson: {
    name: "kvorum",
    version: "1.0.0",
    exports: { "./raft": { "kvorum-source": "./raft/mod.ts" } },
    bin: {},
    dependencies: { lmdb: "3.5.6" },
    devDependencies: { ava: "8.0.1" },
  },
  denoJson: {
    version: "1.0.0",
    exports: { "./raft": "./raft/mod.ts" },
    imports: { "lmdb": "npm:lmdb@3.5.6", "ava": "npm:ava@8.0.1", "kvorum/raft": "./raft/mod.ts" },
  },
};

/** The problems of the agreeing pair after a change of one side. */
function problemsOf(change: Partial<PackageFiles["denoJson"]>): string[] {
  const denoJson = { ...AGREEING.denoJson, ...change };
  return packageFileProblems({ ...AGREEING, denoJson }, () => true);
}

test("packageFileProblems accepts two files that agree", (t) => {
  t.deepEqual(problemsOf({}), []);
});

for (
  const { change, want } of [
    {
      change: { version: "1.0.1" },
      want: [
        "version: 1.0.0 is in package.json, not in deno.json",
        "version: 1.0.1 is in deno.json, not in package.json",
      ],
    },
    {
      change: { exports: {} },
      want: ["exports: ./raft → ./raft/mod.ts is in package.json, not in deno.json"],
    },
    {
      change: { exports: { ...AGREEING.denoJson.exports, "./mvcc": "./mvcc/mod.ts" } },
      want: ["exports: ./mvcc → ./mvcc/mod.ts is in deno.json, not in package.json"],
    },
    {
      change: { imports: { ...AGREEING.denoJson.imports, "kvorum/raft": "./raft/core.ts" } },
      want: [
        "dependencies and own names: kvorum/raft → ./raft/mod.ts is in package.json, not in deno.json",
        "dependencies and own names: kvorum/raft → ./raft/core.ts is in deno.json, not in package.json",
      ],
    },
    {
      change: { imports: { ...AGREEING.denoJson.imports, "ava": "npm:ava@7.0.0" } },
      want: ["deno.json imports npm:ava@7.0.0; package.json has 8.0.1"],
    },
  ]
) {
  test(`packageFileProblems rejects a deno.json with ${JSON.stringify(change)}`, (t) => {
    t.deepEqual(problemsOf(change), want);
  });
}

test("packageFileProblems rejects an export without a source", (t) => {
  t.deepEqual(packageFileProblems(AGREEING, () => false), [
    "kvorum/raft is exported, but there is no raft/mod.ts",
  ]);
});
