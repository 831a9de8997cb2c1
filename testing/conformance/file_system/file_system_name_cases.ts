import { demand, demandSame, type FileSystemRequirement } from "./file_system_requirement.ts";
import { codeOf, type FileSystemStage, readAll, sampleBytes } from "./file_system_stage.ts";

/** What is owed of directories and the names in them. */
export const NAME_CASES: readonly FileSystemRequirement[] = [
  ["list gives names in their order", listIsSorted],
  ["list gives names alone, of files and directories, and none from below", listIsFlat],
  ["list of a directory that does not exist fails with ENOENT", listNeedsDirectory],
  ["createDirectory creates those above it", createsThoseAbove],
  ["createDirectory leaves alone what is there", createsOnce],
  ["createDirectory fails where a file has the name, or one above it", createsNoneOverFile],
  ["rename takes the old name away and gives the new one", renames],
  ["rename takes a file to another directory", renamesAcross],
  ["rename replaces the file that has the name", renameReplaces],
  ["whoever opens a name that is being replaced finds the old file or the new", replacesAtOnce],
  [
    "rename of what does not exist fails with ENOENT, and what it was to replace stays",
    renameNeedsFile,
  ],
  ["remove takes the name away", removes],
  ["remove of what does not exist is no error", removesNothing],
  ["a name that was removed can be that of a new file", nameIsFree],
];

async function listIsSorted(stage: FileSystemStage): Promise<void> {
  for (const name of ["b", "a", "10", "B", "9"]) {
    await stage.create(name);
  }
  await stage.files.createDirectory(stage.path("aa"));
  demandSame(await stage.files.list(stage.directory), ["10", "9", "B", "a", "aa", "b"], "the list");
}

async function listIsFlat(stage: FileSystemStage): Promise<void> {
  demandSame(await stage.files.list(stage.directory), [], "the list of an empty directory");
  await stage.files.createDirectory(stage.path("inner"));
  await stage.create("inner/deep");
  await stage.create("outer");
  // The order is a requirement of its own.
  const names = await stage.files.list(stage.directory);
  demandSame(names.toSorted(), ["inner", "outer"], "the list above");
  demandSame(await stage.files.list(stage.path("inner")), ["deep"], "the list below");
}

async function listNeedsDirectory(stage: FileSystemStage): Promise<void> {
  const ask = () => stage.files.list(stage.path("missing"));
  await stage.refused(ask, "ENOENT", "a list is given");
}

async function createsThoseAbove(stage: FileSystemStage): Promise<void> {
  await stage.files.createDirectory(stage.path("one/two/three"));
  await stage.create("one/two/three/file");
  demandSame(await stage.files.list(stage.path("one")), ["two"], "the list of the first");
  demandSame(await stage.files.list(stage.path("one/two")), ["three"], "the list of the second");
}

async function createsOnce(stage: FileSystemStage): Promise<void> {
  await stage.files.createDirectory(stage.path("again"));
  await stage.create("again/file", Uint8Array.of(1));
  await stage.files.createDirectory(stage.path("again"));
  await stage.demandContent("again/file", Uint8Array.of(1));
}

async function createsNoneOverFile(stage: FileSystemStage): Promise<void> {
  await stage.create("file", Uint8Array.of(1));
  for (const name of ["file", "file/below"]) {
    const ask = () => stage.files.createDirectory(stage.path(name));
    await stage.refusal(ask, `${name} is created over a file`);
  }
  await stage.demandContent("file", Uint8Array.of(1));
}

async function renames(stage: FileSystemStage): Promise<void> {
  await stage.create("old", Uint8Array.of(1, 2));
  await stage.files.rename(stage.path("old"), stage.path("new"));
  await stage.demandName("old", false);
  await stage.demandContent("new", Uint8Array.of(1, 2));
}

async function renamesAcross(stage: FileSystemStage): Promise<void> {
  await stage.create("across", Uint8Array.of(1, 2));
  await stage.files.createDirectory(stage.path("other"));
  await stage.files.rename(stage.path("across"), stage.path("other/across"));
  await stage.demandName("across", false);
  await stage.demandContent("other/across", Uint8Array.of(1, 2));
}

async function renameReplaces(stage: FileSystemStage): Promise<void> {
  await stage.create("target", sampleBytes(100, 1));
  await stage.create("source", Uint8Array.of(1, 2));
  await stage.files.rename(stage.path("source"), stage.path("target"));
  await stage.demandContent("target", Uint8Array.of(1, 2));
}

async function replacesAtOnce(stage: FileSystemStage): Promise<void> {
  await stage.create("busy", Uint8Array.of(0));
  for (let round = 1; round <= 20; round += 1) {
    await stage.create("next", Uint8Array.of(round));
    let isReplaced = false;
    const replaced = stage.files.rename(stage.path("next"), stage.path("busy"))
      .finally(() => isReplaced = true);
    // Whatever is found in the meantime, the rename is waited for.
    const found = await lookWhile(stage, "busy", () => !isReplaced).catch((error: unknown) =>
      error
    );
    await replaced;
    demand(
      Array.isArray(found),
      `a name that is being replaced is not there: ${String(codeOf(found))}`,
    );
    const strange = found.find((content) => content !== `${round - 1}` && content !== `${round}`);
    demand(strange === undefined, `neither the old nor the new file but ${String(strange)}`);
  }
}

/** What a name leads to, again and again. */
async function lookWhile(
  stage: FileSystemStage,
  name: string,
  goesOn: () => boolean,
): Promise<string[]> {
  const found = [];
  do {
    const file = await stage.open(name, { mode: "read" });
    found.push((await readAll(file)).join());
    await stage.close(file);
  } while (goesOn());
  return found;
}

async function renameNeedsFile(stage: FileSystemStage): Promise<void> {
  await stage.create("kept", Uint8Array.of(1));
  const ask = () => stage.files.rename(stage.path("missing"), stage.path("kept"));
  await stage.refused(ask, "ENOENT", "what is missing is renamed");
  await stage.demandContent("kept", Uint8Array.of(1));
}

async function removes(stage: FileSystemStage): Promise<void> {
  await stage.create("unwanted", Uint8Array.of(1));
  await stage.create("wanted", Uint8Array.of(2));
  await stage.files.remove(stage.path("unwanted"));
  demandSame(await stage.files.list(stage.directory), ["wanted"], "what is left");
}

async function removesNothing(stage: FileSystemStage): Promise<void> {
  await stage.files.remove(stage.path("missing"));
  await stage.files.remove(stage.path("missing/file"));
}

async function nameIsFree(stage: FileSystemStage): Promise<void> {
  await stage.create("reborn", sampleBytes(10, 2));
  await stage.files.remove(stage.path("reborn"));
  await stage.create("reborn");
  await stage.demandContent("reborn", new Uint8Array(0));
}
