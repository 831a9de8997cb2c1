import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import test, { type ExecutionContext } from "ava";
import { checkFile } from "../../../storage/lmdb/check_file.ts";
import {
  BackendDamagedError,
  BackendMissingError,
  BackendUnusableError,
  LmdbBackend,
} from "../../../storage/lmdb/mod.ts";
import { ChildProgram } from "../../support/child_process.ts";
import { before } from "../../support/deadline.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { sampleDatabase } from "./sample_database.ts";

const CHILD = join(import.meta.dirname, "damaged_child.ts");
const PAGE_BYTES = 4096;
/** Header and content of a meta page, with the id of the machine's run at its end. */
const META_BYTES = 168;
const BUCKETS = ["a", "meta"];

const sample = await sampleDatabase();
const newestMeta = metaTransaction(0) > metaTransaction(1) ? 0 : 1;

test("checkFile passes the sample, which has branches, long values and free pages", async (t) => {
  t.is(await outcome(sample.bytes), "passes");
  t.true(sample.bytes.length > 30 * PAGE_BYTES);
});

test("W19: a file that is cut anywhere is refused, or nothing in use was cut off", async (t) => {
  const sizes = new Set([0, 1, 23, 24, 159, 160, META_BYTES, PAGE_BYTES + 24, PAGE_BYTES + 159]);
  for (let size = 0; size < sample.bytes.length; size += PAGE_BYTES) {
    for (const odd of [0, 1, 24, PAGE_BYTES / 2, PAGE_BYTES - 1]) {
      sizes.add(size + odd);
    }
  }
  sizes.delete(sample.bytes.length);
  const passed = new Map<string, Uint8Array>();
  for (const size of sizes) {
    const cut = sample.bytes.slice(0, size);
    if (await outcome(cut) === "passes") {
      passed.set(`cut-${size}`, cut);
    }
  }
  await assertAllHold(t, passed);
  t.true(passed.size < sizes.size / 10, `${passed.size} of ${sizes.size} cuts were not refused`);
});

test("W19: with any bit of the meta pages flipped, a file is refused or holds the right data", async (t) => {
  const passed = new Map<string, Uint8Array>();
  const missed: string[] = [];
  for (const page of [0, 1]) {
    for (let byte = 0; byte < META_BYTES; byte += 1) {
      for (const mask of [1, 2, 4, 8, 16, 32, 64, 128, 0xff]) {
        const offset = page * PAGE_BYTES + byte;
        const flipped = sample.bytes.slice();
        flipped[offset] = (flipped[offset] ?? 0) ^ mask;
        if (await outcome(flipped) === "refused") {
          continue;
        }
        if (mask === 1 || mask === 128) {
          passed.set(`flip-${page}-${byte}-${mask}`, flipped);
        }
        if (page === newestMeta && FIELDS_THAT_COUNT.some((f) => byte >= f.from && byte < f.to)) {
          missed.push(`byte ${byte} ^ ${mask}`);
        }
      }
    }
  }
  // The transaction two before: as after a failed write of a meta page, the state before counts.
  const transaction = metaTransaction(newestMeta);
  const stateBefore = `byte 152 ^ ${transaction ^ (transaction - 2)}`;
  t.deepEqual(missed, [stateBefore], "what LMDB goes by, in the newest meta page");
  await assertAllHold(t, passed);
  await assertAllHold(t, new Map([["before", withTransaction(transaction - 2)]]), {
    content: sample.contentBefore,
  });
});

/** Of the newest meta page: what LMDB would go by. */
const FIELDS_THAT_COUNT = [
  { name: "page number", from: 0, to: 8 },
  { name: "flags", from: 18, to: 20 },
  { name: "magic and version", from: 24, to: 32 },
  { name: "page size", from: 48, to: 52 },
  { name: "free list", from: 52, to: 96 },
  { name: "main tree", from: 96, to: 144 },
  { name: "last page", from: 144, to: 152 },
  { name: "transaction", from: 152, to: 160 },
];

test("W19: the loss of the last page alone is noticed, though nothing that is read leads there", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "db");
  const backend = await LmdbBackend.open({ path, buckets: BUCKETS });
  // Single pages become free in front, and the roots move there; the long value goes to the end.
  const values = [...Array.from({ length: 8 }, () => new Uint8Array(300)), new Uint8Array(200_000)];
  for (const [number, value] of values.entries()) {
    backend.write([{ bucket: "a", key: Uint8Array.of(number), value }]);
    await backend.flush();
  }
  await backend.close();
  const bytes = new Uint8Array(await readFile(path));
  t.is(await outcome(bytes), "passes");
  for (const lost of [1, 100, PAGE_BYTES]) {
    t.is(await outcome(bytes.slice(0, -lost)), "refused", `${lost} bytes cut off`);
  }
  const view = new DataView(bytes.buffer);
  const meta = view.getUint32(152, true) > view.getUint32(PAGE_BYTES + 152, true) ? 0 : PAGE_BYTES;
  view.setUint32(meta + 144, view.getUint32(meta + 144, true) - 1, true);
  t.is(await outcome(bytes), "refused", "its meta page does not know of it");
});

for (
  const { bytes, why } of [
    { bytes: new Uint8Array(0), why: "an empty file" },
    { bytes: new Uint8Array(3 * PAGE_BYTES), why: "zeros" },
    { bytes: new Uint8Array(10_000).fill(120), why: "garbage" },
    { bytes: new TextEncoder().encode("SQLite format 3\0"), why: "another program's file" },
  ]
) {
  test(`W19: LmdbBackend.open refuses ${why}, says where it is and what to do, and leaves it`, async (t) => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "db");
    await writeFile(path, bytes);
    const error = await t.throwsAsync(LmdbBackend.open({ path, buckets: BUCKETS }), {
      instanceOf: BackendDamagedError,
    });
    t.is(error.file, path);
    t.true(error.message.includes(path));
    t.regex(error.message, /at offset \d+: .*restore.*backup.*add it again/);
    t.deepEqual(new Uint8Array(await readFile(path)), bytes);
  });
}

test("LmdbBackend.open refuses a missing file that must exist, and creates nothing", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "db");
  const options = { path, buckets: BUCKETS, mustExist: true };
  const error = await t.throwsAsync(LmdbBackend.open(options), {
    instanceOf: BackendMissingError,
  });
  t.true(error.message.includes(path));
  await t.throwsAsync(readFile(path), { code: "ENOENT" });
});

test("LmdbBackend.open refuses a directory in place of the file or of its lock", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "db");
  await mkdir(path);
  await t.throwsAsync(LmdbBackend.open({ path, buckets: BUCKETS }), {
    instanceOf: BackendUnusableError,
  });
  const other = join(directory.path, "other");
  await mkdir(`${other}-lock`);
  await t.throwsAsync(LmdbBackend.open({ path: other, buckets: BUCKETS }), {
    instanceOf: BackendUnusableError,
  });
});

test("LmdbBackend.open takes a file that ends before free pages which were never written", async (t) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "db");
  const backend = await LmdbBackend.open({ path, buckets: BUCKETS });
  const keys = Array.from({ length: 200 }, (_, number) => Uint8Array.of(0, number));
  backend.write(keys.map((key) => ({ bucket: "a", key, value: new Uint8Array(1000) })));
  await backend.flush();
  backend.write(keys.map((key) => ({ bucket: "a", key, value: null })));
  await backend.flush();
  const { totalBytes } = backend.size();
  await backend.close();
  t.true((await readFile(path)).length < totalBytes, "LMDB left such a page out");
  const again = await LmdbBackend.open({ path, buckets: BUCKETS });
  t.deepEqual([...again.scan("a")], []);
  await again.close();
});

test("W19: a file cut short under a running process ends it by SIGBUS, and then it is refused", async (t) => {
  if (process.platform === "win32") {
    t.pass("a mapped file cannot be cut there");
    return;
  }
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "sample.db");
  await writeFile(path, sample.bytes);
  const program = `
    import { truncateSync } from "node:fs";
    import { LmdbBackend } from ${JSON.stringify(import.meta.resolve("kvorum/storage/lmdb"))};
    const path = ${JSON.stringify(path)};
    const backend = await LmdbBackend.open({ path, buckets: ["a", "meta"] });
    truncateSync(path, ${2 * PAGE_BYTES});
    console.log("cut");
    console.log([...backend.scan("a")].length);
  `;
  const args = ["--conditions=kvorum-source", "--input-type=module", "--eval", program];
  await using child = new ChildProgram(process.execPath, args);
  const { signal, stdout } = await before(child.ended, { withinMs: 30_000, what: "end" });
  t.is(stdout, "cut\n");
  t.is(signal, "SIGBUS");
  await t.throwsAsync(LmdbBackend.open({ path, buckets: BUCKETS }), {
    instanceOf: BackendDamagedError,
    message: /cut short/,
  });
});

test("W19: rot below the roots ends the process by a signal, or shows in the content", async (t) => {
  await using directory = await temporaryDirectory();
  const sound: string[] = [];
  let pages = 0;
  for (let page = 2; page < sample.bytes.length / PAGE_BYTES; page += 3) {
    pages += 1;
    const rotten = sample.bytes.slice();
    // The header stays: what it says is checked where the check gets to.
    rotten.fill(0xa5, page * PAGE_BYTES + 24, (page + 1) * PAGE_BYTES);
    const path = join(directory.path, String(page));
    await mkdir(path);
    await writeFile(join(path, "sample.db"), rotten);
    await using child = new ChildProgram(process.execPath, [CHILD, path]);
    const { exitCode, signal, stdout } = await before(child.ended, {
      withinMs: 60_000,
      what: "end",
    });
    const died = signal !== null && ["SIGSEGV", "SIGBUS", "SIGABRT"].includes(signal);
    const threw = exitCode === 1;
    const told = exitCode === 0 && /refused BACKEND_DAMAGED|holds|changed/.test(stdout);
    t.true(died || threw || told, `page ${page}: ${exitCode} ${signal} ${stdout}`);
    if (stdout.includes(`holds ${sample.content}`)) {
      sound.push(String(page));
    }
  }
  // Free pages, and those of the state before the last one.
  t.log(`pages whose rot does not matter: ${sound.join(", ")}`);
  t.true(sound.length < pages);
});

test("W19: checkFile names the place that cannot be read, for each read that it makes", async (t) => {
  const offsets: number[] = [];
  const sound = inMemory(sample.bytes);
  const noted: typeof sound = {
    size: () => sound.size(),
    read(target, offset) {
      offsets.push(offset);
      return sound.read(target, offset);
    },
  };
  await checkFile(noted, "sample");
  t.true(offsets.length > 4, "the meta pages, the free list, the main tree, and a bucket");
  const cause = Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" });
  for (const bad of offsets) {
    const error = await t.throwsAsync(
      checkFile({
        size: () => sound.size(),
        read: (target, offset) =>
          offset === bad ? Promise.reject(cause) : sound.read(target, offset),
      }, "sample"),
      {
        instanceOf: BackendDamagedError,
        message:
          /^Backend damaged: sample at offset \d+: .*EIO: i\/o error, read\. Check the disk, then restore/,
      },
    );
    t.is(error?.offset, bad);
    t.is(error?.cause, cause);
  }
  const sizeless = { ...sound, size: () => Promise.reject(cause) };
  await t.throwsAsync(checkFile(sizeless, "sample"), { instanceOf: BackendDamagedError });
});

/** Has a process open and use all these databases: none may kill it, all must hold the sample. */
async function assertAllHold(
  t: ExecutionContext,
  databases: ReadonlyMap<string, Uint8Array>,
  { content }: { readonly content: string } = sample,
): Promise<void> {
  await using directory = await temporaryDirectory();
  for (const [name, bytes] of databases) {
    await writeFile(join(directory.path, `${name}.db`), bytes);
  }
  await using child = new ChildProgram(process.execPath, [CHILD, directory.path]);
  const { exitCode, signal, stdout, stderr } = await before(child.ended, {
    withinMs: 110_000,
    what: "end of child",
  });
  t.is(signal, null, stdout.slice(-200));
  t.is(exitCode, 0, stderr);
  const lines = stdout.split("\n").slice(0, -1);
  t.is(lines.length, databases.size);
  t.deepEqual(lines.filter((line) => !line.endsWith(` holds ${content}`)), []);
}

async function outcome(bytes: Uint8Array): Promise<"passes" | "refused"> {
  try {
    await checkFile(inMemory(bytes), "sample");
    return "passes";
  } catch (error) {
    if (error instanceof BackendDamagedError) {
      return "refused";
    }
    throw error;
  }
}

function inMemory(bytes: Uint8Array): Parameters<typeof checkFile>[0] {
  return {
    size: () => Promise.resolve(bytes.length),
    read: (target, offset) => {
      const part = bytes.subarray(offset, offset + target.length);
      target.set(part);
      return Promise.resolve(part.length);
    },
  };
}

/** The sample with another transaction in its newest meta page. */
function withTransaction(transaction: number): Uint8Array {
  const bytes = sample.bytes.slice();
  new DataView(bytes.buffer).setUint32(newestMeta * PAGE_BYTES + 152, transaction, true);
  return bytes;
}

function metaTransaction(page: 0 | 1): number {
  return new DataView(sample.bytes.buffer).getUint32(page * PAGE_BYTES + 152, true);
}
