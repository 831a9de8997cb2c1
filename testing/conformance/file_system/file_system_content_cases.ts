import type { OpenFile } from "../../../storage/mod.ts";
import { demand, demandSame, type FileSystemRequirement } from "./file_system_requirement.ts";
import { type FileSystemStage, readAll, sampleBytes } from "./file_system_stage.ts";

/** What is owed of the bytes in one file. */
export const CONTENT_CASES: readonly FileSystemRequirement[] = [
  ["bytes are written and read where it is said, and others stay", isPositional],
  ["reads and writes that overlap in time do not disturb each other", overlapsInTime],
  ["a read is short only at the end of the file", shortOnlyAtEnd],
  ["a read at the end or beyond gives 0", nothingBeyondEnd],
  ["a read into an empty target gives 0", emptyTarget],
  ["all bytes are written, however many", writesAll],
  ["a write beyond the end leaves zeros between", zerosBetween],
  ["truncate to less leaves just so much", truncatesDown],
  ["truncate to more adds zeros", truncatesUp],
  ["what was cut off does not come back", cutStaysCut],
  ["size follows writes and truncations", sizeFollows],
  ["the bytes of a write may change once it resolved, and the file does not", takesNoReference],
];

async function isPositional(stage: FileSystemStage): Promise<void> {
  const file = await stage.open("positions", { mode: "create" });
  const bytes = sampleBytes(100, 1);
  await file.write(bytes.subarray(0, 60), 0);
  await file.write(bytes.subarray(60), 60);
  await file.write(Uint8Array.of(255, 254, 253), 41);
  bytes.set([255, 254, 253], 41);
  const target = new Uint8Array(11);
  demand(await file.read(target, 37) === 11, "11 bytes in the middle are not read");
  demandSame(target, bytes.subarray(37, 48), "11 bytes in the middle");
  demandSame(await readAll(file), bytes, "the whole");
}

async function overlapsInTime(stage: FileSystemStage): Promise<void> {
  const file = await stage.open("overlaps", { mode: "create" });
  const bytes = sampleBytes(4_000, 2);
  const parts = Array.from({ length: 40 }, (_, at) => (39 - at) * 100);
  await Promise.all(parts.map((at) => file.write(bytes.subarray(at, at + 100), at)));
  const targets = parts.map(() => new Uint8Array(100));
  await Promise.all([
    ...parts.map((at, number) => file.read(targets[number] as Uint8Array, at)),
    file.write(sampleBytes(100, 3), 4_000),
  ]);
  for (const [number, at] of parts.entries()) {
    demandSame(targets[number] ?? [], bytes.subarray(at, at + 100), `bytes at ${at}`);
  }
}

async function shortOnlyAtEnd(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(300_000, 4);
  await stage.create("long", bytes);
  const file = await stage.open("long", { mode: "read" });
  const target = new Uint8Array(bytes.length);
  const whole = await file.read(target, 0);
  demand(whole === bytes.length, `${whole} of ${bytes.length} bytes are read`);
  demandSame(target, bytes, "the whole");
  const rest = await file.read(target, 299_900);
  demand(rest === 100, `${rest} bytes are read where 100 are left`);
  demandSame(target.subarray(0, 100), bytes.subarray(299_900), "the rest");
}

async function nothingBeyondEnd(stage: FileSystemStage): Promise<void> {
  await stage.create("short", sampleBytes(10, 5));
  const file = await stage.open("short", { mode: "read" });
  for (const offset of [10, 11, 100_000]) {
    const bytesRead = await file.read(new Uint8Array(5), offset);
    demand(bytesRead === 0, `${bytesRead} bytes are read at ${offset}, beyond the end`);
  }
}

async function emptyTarget(stage: FileSystemStage): Promise<void> {
  await stage.create("short", sampleBytes(10, 6));
  const file = await stage.open("short", { mode: "read" });
  const bytesRead = await file.read(new Uint8Array(0), 5);
  demand(bytesRead === 0, `${bytesRead} bytes are read into an empty target`);
}

async function writesAll(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(3 << 20, 7);
  const file = await stage.open("large", { mode: "create" });
  await file.write(bytes, 0);
  demandSame(await readAll(file), bytes, "3 MiB");
}

async function zerosBetween(stage: FileSystemStage): Promise<void> {
  const file = await stage.open("gap", { mode: "create" });
  await file.write(Uint8Array.of(1, 2), 0);
  await file.write(Uint8Array.of(3), 10_000);
  const expected = new Uint8Array(10_001);
  expected.set([1, 2]);
  expected.set([3], 10_000);
  demandSame(await readAll(file), expected, "with a gap");
}

async function truncatesDown(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(8, 8);
  await stage.create("cut", bytes);
  const file = await stage.open("cut", { mode: "write" });
  await file.truncate(5);
  demandSame(await readAll(file), bytes.subarray(0, 5), "cut to 5");
  await file.truncate(0);
  demandSame(await readAll(file), [], "cut to nothing");
}

async function truncatesUp(stage: FileSystemStage): Promise<void> {
  const file = await stage.open("grown", { mode: "create" });
  await file.write(Uint8Array.of(1, 2), 0);
  await file.truncate(5_000);
  const expected = new Uint8Array(5_000);
  expected.set([1, 2]);
  demandSame(await readAll(file), expected, "grown to 5,000");
}

async function cutStaysCut(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(16, 9);
  const expected = bytes.slice();
  expected.fill(0, 4);
  for (
    const [name, grow] of [
      ["cut and grown", (file: OpenFile) => file.truncate(16)],
      ["cut and written", (file: OpenFile) => file.write(Uint8Array.of(0), 15)],
    ] as const
  ) {
    await stage.create(name, bytes);
    const file = await stage.open(name, { mode: "write" });
    await file.truncate(4);
    await grow(file);
    demandSame(await readAll(file), expected, name);
  }
}

async function sizeFollows(stage: FileSystemStage): Promise<void> {
  const file = await stage.open("sized", { mode: "create" });
  const demandSize = async (expected: number) => {
    const size = await file.size();
    demand(size === expected, `the size is ${size}, not ${expected}`);
  };
  await demandSize(0);
  await file.write(sampleBytes(10, 10), 0);
  await demandSize(10);
  await file.write(Uint8Array.of(1), 2);
  await demandSize(10);
  await file.write(Uint8Array.of(1, 2), 9);
  await demandSize(11);
  await file.truncate(40);
  await demandSize(40);
  await file.truncate(8);
  await demandSize(8);
}

async function takesNoReference(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(100, 11);
  const given = bytes.slice();
  const file = await stage.open("reused", { mode: "create" });
  await file.write(given, 0);
  given.fill(0);
  demandSame(await readAll(file), bytes, "while the file is open");
  await file.dataSync();
  await stage.close(file);
  await stage.demandContent("reused", bytes);
}
