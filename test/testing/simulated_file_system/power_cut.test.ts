import test from "ava";
import { SeededRandom } from "../../../testing/mod.ts";
import { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import { FileContent } from "../../../testing/simulated_file_system/file_content.ts";
import { PowerCut, type TearGrain } from "../../../testing/simulated_file_system/power_cut.ts";

const SEEDS = Array.from({ length: 300 }, (_, at) => at + 1);

/** A tree with a durable file `kept` of ones and, not durable, writes to it and other names. */
function makeTree(writeBytes: number) {
  const tree = new DirectoryTree();
  tree.create("d");
  const kept = new FileContent();
  kept.write(new Uint8Array(8).fill(1), 0)();
  tree.add("d/kept", kept);
  tree.sync("d")();
  [2, 3, 4].forEach((byte, at) =>
    kept.write(new Uint8Array(writeBytes).fill(byte), 8 + at * writeBytes)
  );
  ["1", "2"].forEach((name) => tree.add(`d/${name}`, new FileContent()));
  return tree;
}

function bytesOf(content: FileContent | undefined): number[] {
  const bytes = new Uint8Array(content?.size ?? 0);
  content?.read(bytes, 0);
  return [...bytes];
}

for (const grain of ["byte", "sector"] as const satisfies readonly TearGrain[]) {
  // Writes begin at 8, and sectors at multiples of 512.
  const writeBytes = grain === "byte" ? 5 : 1_536;
  const whole = [8, ...[2, 3, 4].flatMap((byte) => new Array<number>(writeBytes).fill(byte))];
  whole.splice(0, 1, ...new Array<number>(8).fill(1));

  test(`PowerCut leaves what was durable and a beginning of the rest, torn by ${grain}`, (t) => {
    const sizes = new Set<number>();
    for (const seed of SEEDS) {
      const cut = new PowerCut(new SeededRandom(seed), { grain });
      const left = bytesOf(cut.strike(makeTree(writeBytes)).find("d/kept"));
      t.deepEqual(left, whole.slice(0, left.length), `seed ${seed}`);
      t.true(left.length >= 8, `seed ${seed}`);
      const survived = Math.floor((left.length - 8) / writeBytes);
      const torn = (left.length - 8) % writeBytes;
      t.true(grain === "byte" || torn === 0 || left.length % 512 === 0, `seed ${seed}: ${torn}`);
      t.is(cut.losses.tornWrites, torn > 0 ? 1 : 0, `seed ${seed}`);
      t.is(cut.losses.lostChanges, 3 - survived - cut.losses.tornWrites, `seed ${seed}`);
      sizes.add(left.length);
    }
    const pieces = grain === "byte" ? 5 : 4;
    t.is(sizes.size, 3 * pieces + 1, "every place to end is met");
  });
}

test("PowerCut leaves the oldest names, often none of those that were not synced", (t) => {
  const counts = new Map<string, number>();
  for (const seed of SEEDS) {
    const cut = new PowerCut(new SeededRandom(seed));
    const names = cut.strike(makeTree(5)).list("d");
    t.is(cut.losses.lostNames, 3 - names.length, `seed ${seed}`);
    counts.set(names.join(), (counts.get(names.join()) ?? 0) + 1);
  }
  t.deepEqual([...counts.keys()].sort(), ["1,2,kept", "1,kept", "kept"]);
  t.true((counts.get("kept") ?? 0) > SEEDS.length / 2);
});

test("PowerCut takes nothing from a tree that is durable", (t) => {
  const tree = makeTree(5);
  tree.sync("d")();
  ["d/kept", "d/1", "d/2"].forEach((path) => tree.find(path)?.sync()());
  const before = bytesOf(tree.find("d/kept"));
  for (const seed of SEEDS.slice(0, 20)) {
    const cut = new PowerCut(new SeededRandom(seed));
    const left = cut.strike(tree);
    t.deepEqual(left.list("d"), ["1", "2", "kept"]);
    t.deepEqual(bytesOf(left.find("d/kept")), before);
    t.deepEqual(cut.losses, { lostChanges: 0, tornWrites: 0, reorderedChanges: 0, lostNames: 0 });
  }
});

test("PowerCut strikes the same way for the same seed", (t) => {
  const strike = (seed: number) =>
    bytesOf(new PowerCut(new SeededRandom(seed)).strike(makeTree(50)).find("d/kept"));
  t.deepEqual(strike(5), strike(5));
  t.true(SEEDS.some((seed) => strike(seed).length !== strike(5).length));
});

test("PowerCut that loses none leaves all, and one that loses all leaves what was durable", (t) => {
  for (const seed of SEEDS.slice(0, 20)) {
    const none = new PowerCut(new SeededRandom(seed), { loss: "none" }).strike(makeTree(5));
    t.deepEqual(none.list("d"), ["1", "2", "kept"]);
    t.is(bytesOf(none.find("d/kept")).length, 23);
    const all = new PowerCut(new SeededRandom(seed), { loss: "all" }).strike(makeTree(5));
    t.deepEqual(all.list("d"), ["kept"]);
    t.deepEqual(bytesOf(all.find("d/kept")), new Array(8).fill(1));
  }
});

test("PowerCut that loses any leaves each write whole, in part or not at all, by sectors of the disk", (t) => {
  const found = { whole: 0, lost: 0, torn: 0, reordered: 0 };
  for (const seed of SEEDS) {
    const cut = new PowerCut(new SeededRandom(seed), { loss: "any", grain: "sector" });
    const left = bytesOf(cut.strike(makeTree(1_536)).find("d/kept"));
    t.deepEqual(left.slice(0, 8), new Array(8).fill(1), "what was durable stays");
    for (const [at, byte] of [2, 3, 4].entries()) {
      const start = 8 + at * 1_536;
      const write = Array.from({ length: 1_536 }, (_, offset) => left[start + offset] ?? 0);
      t.true(write.every((each) => each === byte || each === 0), `seed ${seed}`);
      write.forEach((each, offset) => {
        // Within a sector all bytes share their fate.
        const isBorder = offset === 0 || (start + offset) % 512 === 0;
        t.true(isBorder || each === write[offset - 1], `seed ${seed}, ${start + offset}`);
      });
      const count = write.filter((each) => each === byte).length;
      found[count === 1_536 ? "whole" : count === 0 ? "lost" : "torn"] += 1;
    }
    found.reordered += cut.losses.reorderedChanges;
  }
  Object.entries(found).forEach(([what, count]) => t.true(count > 100, `${what}: ${count}`));
});
