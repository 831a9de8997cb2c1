import test from "ava";
import { boundaryProblems } from "../../scripts/checks/boundaries.ts";
import { ROOMS } from "../../scripts/checks/rooms.ts";

const PLAN = {
  rooms: ROOMS,
  entries: new Map([
    ["kvorum", "mod.ts"],
    ...["raft", "storage", "mvcc", "lease", "watch", "wire", "proto", "server", "client", "testing"]
      .map((room) => [`kvorum/${room}`, `${room}/mod.ts`] as const),
    ["kvorum/storage/wal", "storage/wal/mod.ts"],
  ]),
  dependencies: ["commander", "lmdb"],
};

// Each row is a house of one file. Where `problem` is null, the import must pass.
const CASES: readonly {
  readonly path: string;
  readonly code: string;
  readonly problem: string | null;
}[] = [
  { path: "mod.ts", code: `export * as raft from "./raft/mod.ts";`, problem: null },
  {
    path: "mod.ts",
    code: `export * from "./server/mod.ts";`,
    problem: "mod.ts may not import server",
  },
  {
    path: "mod.ts",
    code: `export * from "./raft/errors.ts";`,
    problem: "raft/errors.ts is internal to raft; import its mod.ts",
  },

  { path: "raft/a.ts", code: `import { b } from "./b.ts";`, problem: null },
  {
    path: "raft/a.ts",
    code: `import type { LogStore } from "../storage/mod.ts";`,
    problem: "raft may not import storage",
  },
  {
    path: "raft/a.ts",
    code: `import { readFile } from "node:fs/promises";`,
    problem: "raft may not import node:fs/promises",
  },
  { path: "raft/a.ts", code: `import "fs";`, problem: "raft may not import fs" },
  {
    path: "raft/a.ts",
    code: `import { nanoid } from "nanoid";`,
    problem: "raft may not import the package nanoid",
  },

  { path: "examples/a.ts", code: `import { RaftNode } from "kvorum/raft";`, problem: null },
  {
    path: "examples/a.ts",
    code: `import { CompactedError } from "../raft/errors.ts";`,
    problem: "raft/errors.ts is internal to raft; import its mod.ts",
  },
  {
    path: "examples/a.ts",
    code: `import test from "ava";`,
    problem: "examples may not import the package ava",
  },

  {
    path: "storage/a.ts",
    code: `import type { RaftNode } from "../raft/mod.ts";`,
    problem: null,
  },
  {
    path: "storage/wal/a.ts",
    code: `import { CompactedError, type Entry } from "../../raft/mod.ts";`,
    problem: null,
  },
  {
    path: "storage/a.ts",
    code: `import { RaftNode } from "../raft/mod.ts";`,
    problem: "storage may import types from raft, but not RaftNode",
  },
  {
    path: "storage/a.ts",
    code: `import { RaftCore as CompactedError } from "../raft/mod.ts";`,
    problem: "storage may import types from raft, but not RaftCore",
  },
  {
    path: "storage/a.ts",
    code: `import * as raft from "../raft/mod.ts";`,
    problem: "storage may import types from raft, but not *",
  },
  {
    path: "storage/a.ts",
    code: `export * from "../raft/mod.ts";`,
    problem: "storage may import types from raft, but not *",
  },
  { path: "storage/lmdb/a.ts", code: `import { open } from "lmdb";`, problem: null },
  { path: "storage/files/a.ts", code: `import fs from "node:fs";`, problem: null },
  {
    path: "storage/a.ts",
    code: `import type { MvccStore } from "../mvcc/mod.ts";`,
    problem: "storage may not import mvcc",
  },

  {
    path: "transport/a.ts",
    code: `import { RaftNode } from "../raft/mod.ts";`,
    problem: "transport may import types from raft, but not RaftNode",
  },
  {
    path: "transport/a.ts",
    code: `import type { Backend } from "../storage/mod.ts";`,
    problem: "transport may not import storage",
  },

  {
    path: "mvcc/a.ts",
    code: `import type { Backend } from "../storage/mod.ts";`,
    problem: null,
  },
  {
    path: "mvcc/a.ts",
    code: `import { type Backend } from "../storage/mod.ts";`,
    problem: `mvcc may import only types from storage: write "import type"`,
  },
  {
    path: "mvcc/a.ts",
    code: `const storage = await import("../storage/mod.ts");`,
    problem: `mvcc may import only types from storage: write "import type"`,
  },
  {
    path: "mvcc/a.ts",
    code: `import type { Backend } from "../storage/backend.ts";`,
    problem: "storage/backend.ts is internal to storage; import its mod.ts",
  },
  {
    path: "mvcc/a.ts",
    code: `type Entry = import("../raft/mod.ts").Entry;`,
    problem: "mvcc may not import raft",
  },

  {
    path: "lease/a.ts",
    code: `import type { MvccStore } from "../mvcc/mod.ts";`,
    problem: "lease may not import mvcc",
  },
  { path: "watch/a.ts", code: `import type { KeyValue } from "../mvcc/mod.ts";`, problem: null },
  {
    path: "watch/a.ts",
    code: `import { MvccStore } from "../mvcc/mod.ts";`,
    problem: `watch may import only types from mvcc: write "import type"`,
  },
  {
    path: "watch/a.ts",
    code: `import type { Lessor } from "../lease/mod.ts";`,
    problem: "watch may not import lease",
  },

  { path: "testing/a.ts", code: `import { Lessor } from "../lease/mod.ts";`, problem: null },
  {
    path: "testing/a.ts",
    code: `import { Member } from "../server/mod.ts";`,
    problem: "testing may not import server",
  },
  {
    path: "wire/a.ts",
    code: `import { KeyValueSchema } from "../proto/mod.ts";`,
    problem: "wire may not import proto",
  },
  {
    path: "proto/mod.ts",
    code: `import "../wire/mod.ts";`,
    problem: "proto may not import wire",
  },

  {
    path: "server/a.ts",
    code: `import { WalLogStore } from "kvorum/storage/wal";`,
    problem: null,
  },
  { path: "server/a.ts", code: `import { Command } from "commander";`, problem: null },
  {
    path: "server/a.ts",
    code: `import fc from "fast-check";`,
    problem: "server may not import the package fast-check",
  },
  {
    path: "server/a.ts",
    code: `import { Simulator } from "../testing/mod.ts";`,
    problem: "server may not import testing",
  },
  {
    path: "server/a.ts",
    code: `import { Simulator } from "kvorum/testing";`,
    problem: "server may not import testing",
  },
  {
    path: "server/a.ts",
    code: `import { wait } from "../test/wait.ts";`,
    problem: "server may not import test",
  },

  { path: "client/a.ts", code: `import { encode } from "../wire/mod.ts";`, problem: null },
  {
    path: "client/a.ts",
    code: `import { KV } from "../proto/mod.ts";`,
    problem: "client may not import proto",
  },
  {
    path: "client/a.ts",
    code: `require("node:net");`,
    problem: "client may not import node:net",
  },
  { path: "ctl/a.ts", code: `import { Client } from "../client/mod.ts";`, problem: null },
  {
    path: "ctl/a.ts",
    code: `import { RaftNode } from "../raft/mod.ts";`,
    problem: "ctl may not import raft",
  },

  { path: "test/a.ts", code: `import { x } from "../raft/errors.ts";`, problem: null },
  { path: "bench/a.ts", code: `import { x } from "../raft/errors.ts";`, problem: null },
  {
    path: "scripts/a.ts",
    code: `import { x } from "../raft/mod.ts";`,
    problem: "scripts may not import raft",
  },
];

for (const { path, code, problem } of CASES) {
  const verdict = problem === null ? "accepts" : "rejects";
  test(`boundaryProblems ${verdict} ${code} in ${path}`, (t) => {
    t.deepEqual(
      boundaryProblems(new Map([[path, code]]), PLAN),
      problem === null ? [] : [`${path}:1: ${problem}`],
    );
  });
}

test("boundaryProblems rejects a folder that is not in the table", (t) => {
  t.deepEqual(boundaryProblems(new Map([["utils/a.ts", ""]]), PLAN), [
    `utils/a.ts: there is no room "utils" in scripts/checks/rooms.ts`,
  ]);
});

test("boundaryProblems names the line of every wrong import", (t) => {
  const code = [`import "./b.ts";`, `import "../wire/mod.ts";`, `import "../proto/mod.ts";`];
  t.deepEqual(boundaryProblems(new Map([["raft/a.ts", code.join("\n")]]), PLAN), [
    "raft/a.ts:2: raft may not import wire",
    "raft/a.ts:3: raft may not import proto",
  ]);
});
