import test from "ava";
import { purityProblems } from "../../scripts/checks/purity.ts";

const ENTRIES = new Map([["kvorum/raft", "raft/mod.ts"], ["kvorum/storage", "storage/mod.ts"]]);

function problemsOf(code: string, path = "mvcc/a.ts"): string[] {
  return purityProblems(new Map([[path, code]]), ENTRIES, {});
}

const IMPURE: readonly (readonly [code: string, problem: string])[] = [
  ["export const now = Date.now();", "uses Date"],
  ["export const then = new Date(0);", "uses Date"],
  ["export const dice = Math.random();", "uses Math for its chance"],
  [`export const dice = Math["random"]();`, "uses Math for its chance"],
  ["export const { random } = Math;", "uses Math for its chance"],
  ["export const chance = Math;", "uses Math for its chance"],
  ["setTimeout(() => {}, 10);", "uses setTimeout"],
  ["setInterval(() => {}, 10);", "uses setInterval"],
  ["setImmediate(() => {});", "uses setImmediate"],
  ["queueMicrotask(() => {});", "uses queueMicrotask"],
  ["export const id = crypto.randomUUID();", "uses crypto"],
  ["export const home = process.env.HOME;", "uses process"],
  ["export const box = { process };", "uses process"],
  ["export const at = performance.now();", "uses performance"],
  [`console.log("hello");`, "uses console"],
  [`export const bytes = Buffer.from("a");`, "uses Buffer"],
  [`export const answer = fetch("http://localhost");`, "uses fetch"],
  ["export const clock = globalThis.Date;", "uses globalThis"],
  ["export const collected = new WeakRef({});", "uses WeakRef"],
  [`eval("1");`, "uses eval"],
  [`export const code = new Function("return Date");`, "uses Function"],
  [`export const code = (() => 1).constructor;`, "uses .constructor"],
  ["async function f() {}", "is async"],
  ["export const f = async () => {};", "is async"],
  ["export class A { async f() {} }", "is async"],
  ["await 1;", "awaits"],
  ["for await (const a of []) { a; }", "awaits"],
  ["await using a = null;", "awaits"],
  ["export const done = Promise.resolve();", "uses Promise"],
  ["export type Later = Promise<number>;", "mentions Promise"],
  ["export interface A { f(): Promise<void>; }", "mentions Promise"],
  ["export function f(a: AsyncIterable<number>) { return a; }", "mentions AsyncIterable"],
  ["export function f(a: { then(): void }) { a.then(); }", "uses .then"],
  ["export class A { [Symbol.asyncIterator]() {} }", "uses .asyncIterator"],
  [`export const order = "a".localeCompare("b");`, "uses .localeCompare"],
  [`import { readFileSync } from "node:fs"; readFileSync;`, "imports node:fs"],
  [`import type { Stats } from "node:fs"; export type A = Stats;`, "imports node:fs"],
  [`export const a = import("./b.ts");`, "imports while it runs"],
  [`import { nanoid } from "nanoid"; nanoid;`, "imports nanoid, which is not pure"],
  [
    `import { MemoryBackend } from "../storage/mod.ts"; MemoryBackend;`,
    "imports ../storage/mod.ts, which is not pure",
  ],
  [
    `import { MemoryBackend } from "kvorum/storage"; MemoryBackend;`,
    "imports kvorum/storage, which is not pure",
  ],
  ["declare const process: unknown; export const a = process;", "declares what it does not define"],
  ["export const here = import.meta.url;", "uses import.meta"],
  ["function f() { const process = 1; return process; } process.exit(f());", "uses process"],
];

for (const [code, problem] of IMPURE) {
  test(`purityProblems rejects ${code}`, (t) => {
    const found = problemsOf(code);
    t.true(found.some((line) => line.startsWith(`mvcc/a.ts:1: ${problem}`)), found.join("\n"));
  });
}

const PURE: readonly (readonly [code: string, why: string])[] = [
  ["export const a = Math.max(1, 2);", "the rest of Math is deterministic"],
  ["export const a = { Date: 1, process: 2, setTimeout() {} };", "these are names of properties"],
  ["export function f(process: number) { return process + 1; }", "a parameter is no global"],
  ["export function f(a: { now: number; process: number }) { return a.process; }", "nor a field"],
  ["const crypto = 1; export { crypto };", "nor is a constant of the file"],
  ["export const { length: process } = []; export const b = process;", "nor what is taken apart"],
  ["export type A = Readonly<Map<string, Uint8Array>>;", "most types say nothing of time"],
  ["export function* f() { yield 1; }", "a generator does not wait"],
  ["export class A implements Disposable { [Symbol.dispose]() {} }", "an end is no wait"],
  [`import { b } from "./b.ts"; export const a = b;`, "the other file is checked itself"],
  [`import { b } from "../raft/mod.ts"; export const a = b;`, "so is another pure module"],
  [`import type { B } from "../storage/mod.ts"; export type A = B;`, "a type does nothing"],
  [`import { create } from "@bufbuild/protobuf"; create;`, "this package only computes"],
  ["export const a = [1].map((x) => x) as const; // Date.now()", "comments are no code"],
  [`export const a = "Date.now()";`, "nor are strings"],
];

for (const [code, why] of PURE) {
  test(`purityProblems accepts ${code}: ${why}`, (t) => {
    t.deepEqual(problemsOf(code), []);
  });
}

for (
  const { path, want } of [
    { path: "raft/a.ts", want: true },
    { path: "mvcc/a.ts", want: true },
    { path: "lease/a.ts", want: true },
    { path: "watch/a.ts", want: true },
    { path: "wire/a.ts", want: true },
    { path: "server/state/a.ts", want: true },
    { path: "server/a.ts", want: false },
    { path: "storage/a.ts", want: false },
  ]
) {
  test(`purityProblems ${want ? "judges" : "passes over"} ${path}`, (t) => {
    t.is(problemsOf("export const now = Date.now();", path).length, want ? 1 : 0);
  });
}

test("purityProblems rejects what server/state imports from the server around it", (t) => {
  t.deepEqual(problemsOf(`import { a } from "../a.ts"; export const b = a;`, "server/state/b.ts"), [
    "server/state/b.ts:1: imports ../a.ts, which is not pure",
  ]);
});

test("purityProblems lets a driver do anything, but nothing pure may import it", (t) => {
  const sources = new Map([
    ["raft/driver.ts", "export const now = Date.now();"],
    ["raft/core.ts", `import { now } from "./driver.ts"; export const at = now;`],
    ["raft/mod.ts", `export { now } from "./driver.ts";`],
  ]);
  const exceptions = { "raft/driver.ts": { kind: "driver", reason: "acts" } } as const;
  t.deepEqual(purityProblems(sources, ENTRIES, exceptions), [
    "raft/core.ts:1: imports ./driver.ts, which is not pure",
  ]);
});

test("purityProblems lets an interface mention promises, and no more than that", (t) => {
  const sources = new Map([[
    "raft/store.ts",
    "export interface Store { open(): Promise<void>; }\nexport const opened = Promise.resolve();",
  ]]);
  const exceptions = { "raft/store.ts": { kind: "interface", reason: "users wait" } } as const;
  t.deepEqual(purityProblems(sources, ENTRIES, exceptions), ["raft/store.ts:2: uses Promise"]);
});

test("purityProblems rejects an exception that is not needed", (t) => {
  const sources = new Map([["raft/pure.ts", "export const a = 1;"]]);
  const exceptions = {
    "raft/pure.ts": { kind: "driver", reason: "was one once" },
    "raft/gone.ts": { kind: "driver", reason: "was there once" },
  } as const;
  t.deepEqual(purityProblems(sources, ENTRIES, exceptions), [
    "raft/pure.ts: is pure; it needs no exception in scripts/checks/pure_code.ts",
    "raft/gone.ts: is an exception in scripts/checks/pure_code.ts, but is not there",
  ]);
});
