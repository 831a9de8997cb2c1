import test from "ava";
import { DirectoryTree } from "../../../testing/simulated_file_system/directory_tree.ts";
import { FileContent } from "../../../testing/simulated_file_system/file_content.ts";

/** A tree with the directory `d`, in which the file `old` is durable. */
function treeWithOld() {
  const tree = new DirectoryTree();
  tree.create("d");
  const old = fileOf(1);
  tree.add("d/old", old);
  tree.sync("d")();
  return { tree, old };
}

/** A file of one byte, which is durable. */
function fileOf(byte: number): FileContent {
  const content = new FileContent();
  content.write(Uint8Array.of(byte), 0)();
  return content;
}

/** What a power cut leaves if so many of the changes of each directory survive. */
function cut(tree: DirectoryTree, surviving: number): DirectoryTree {
  return tree.afterPowerCut(() => surviving, (content) => content);
}

test("DirectoryTree lists files and directories of one level, sorted", (t) => {
  const { tree } = treeWithOld();
  tree.create("d/inner/deep");
  tree.add("d/inner/file", fileOf(2));
  tree.add("d/a", fileOf(3));
  t.deepEqual(tree.list("d"), ["a", "inner", "old"]);
  t.deepEqual(tree.list("d/inner"), ["deep", "file"]);
  t.deepEqual(tree.directories, ["", "d", "d/inner", "d/inner/deep"]);
  tree.remove("d/a");
  tree.remove("d/never was");
  t.deepEqual(tree.list("d"), ["inner", "old"]);
});

for (
  const { what, act } of [
    { what: "list", act: (tree: DirectoryTree) => tree.list("nowhere") },
    { what: "add", act: (tree: DirectoryTree) => tree.add("nowhere/file", fileOf(1)) },
    { what: "rename from", act: (tree: DirectoryTree) => tree.rename("nowhere/file", "d/file") },
    { what: "rename to", act: (tree: DirectoryTree) => tree.rename("d/old", "nowhere/file") },
    { what: "sync", act: (tree: DirectoryTree) => tree.sync("nowhere") },
  ]
) {
  test(`DirectoryTree cannot ${what} a directory that is not there, and changes nothing`, (t) => {
    const { tree } = treeWithOld();
    const error = t.throws(() => act(tree), { code: "ENOENT" });
    t.regex(error?.message ?? "", /^ENOENT: .*nowhere/);
    t.deepEqual(tree.list("d"), ["old"]);
    t.is(tree.unsynced("d"), 0);
  });
}

for (
  const { what, act, before, after } of [
    {
      what: "a new name",
      act: (tree: DirectoryTree) => tree.add("d/new", fileOf(2)),
      before: ["old"],
      after: ["new", "old"],
    },
    {
      what: "the end of a name",
      act: (tree: DirectoryTree) => tree.remove("d/old"),
      before: ["old"],
      after: [],
    },
    {
      what: "a rename, at once",
      act: (tree: DirectoryTree) => tree.rename("d/old", "d/new"),
      before: ["old"],
      after: ["new"],
    },
  ]
) {
  test(`DirectoryTree loses ${what} in a power cut unless the directory was synced`, (t) => {
    const { tree } = treeWithOld();
    act(tree);
    t.deepEqual(tree.list("d"), after);
    t.is(tree.unsynced("d"), 1);
    t.deepEqual(cut(tree, 0).list("d"), before);
    t.deepEqual(cut(tree, 1).list("d"), after, "it may survive by chance");
    tree.sync("d")();
    t.is(tree.unsynced("d"), 0);
    t.deepEqual(cut(tree, 0).list("d"), after);
  });
}

test("DirectoryTree loses the newest changes of a directory first", (t) => {
  const { tree } = treeWithOld();
  ["1", "2", "3"].forEach((name) => tree.add(`d/${name}`, fileOf(2)));
  t.deepEqual(cut(tree, 2).list("d"), ["1", "2", "old"]);
});

test("DirectoryTree.sync makes durable what came before it, in that directory alone", (t) => {
  const { tree } = treeWithOld();
  tree.create("other");
  tree.add("other/file", fileOf(2));
  tree.add("d/before", fileOf(3));
  const settle = tree.sync("d");
  tree.add("d/after", fileOf(4));
  t.deepEqual(cut(tree, 0).list("d"), ["old"], "it is under way");
  settle();
  settle();
  const left = cut(tree, 0);
  t.deepEqual(left.list("d"), ["before", "old"]);
  t.deepEqual(left.list("other"), []);
});

test("DirectoryTree has two changes for a rename from one directory to another", (t) => {
  const { tree, old } = treeWithOld();
  tree.create("other");
  tree.rename("d/old", "other/new");
  t.is(tree.find("other/new"), old);
  t.deepEqual([tree.list("d"), tree.list("other")], [[], ["new"]]);
  tree.sync("d")();
  t.is(cut(tree, 0).find("other/new"), undefined, "the other directory was not synced");
  tree.sync("other")();
  t.is(cut(tree, 0).find("other/new"), old);
});

test("DirectoryTree replaces a file by a rename: a power cut leaves the old one or the new", (t) => {
  const { tree, old } = treeWithOld();
  const next = fileOf(2);
  tree.add("d/old.new", next);
  tree.rename("d/old.new", "d/old");
  t.is(tree.find("d/old"), next);
  t.deepEqual(tree.list("d"), ["old"]);
  t.is(cut(tree, 0).find("d/old"), old);
  t.is(cut(tree, 1).find("d/old"), old);
  t.deepEqual(cut(tree, 1).list("d"), ["old", "old.new"]);
  t.is(cut(tree, 2).find("d/old"), next);
});

test("DirectoryTree keeps a file under all its names one file through a power cut", (t) => {
  const { tree } = treeWithOld();
  tree.create("other");
  tree.rename("d/old", "other/new");
  tree.sync("other")();
  const left = tree.afterPowerCut(
    () => 0,
    (content) => content.afterPowerCut([]),
  );
  t.not(left.find("d/old"), undefined);
  t.is(left.find("d/old"), left.find("other/new"));
});
