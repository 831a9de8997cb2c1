import { demand, demandSame, type FileSystemRequirement } from "./file_system_requirement.ts";
import { codeOf, type FileSystemStage, readAll, sampleBytes } from "./file_system_stage.ts";

/** What is owed of calls that fail. */
export const FAILURE_CASES: readonly FileSystemRequirement[] = [
  ["an error has the code of the operating system's", errorsHaveCodes],
  ["a call that failed does not hinder later ones on the same file", fileGoesOn],
  ["a call that failed does not hinder later ones on other files", othersGoOn],
];

async function errorsHaveCodes(stage: FileSystemStage): Promise<void> {
  await stage.create("coded", sampleBytes(10, 1));
  const file = await stage.open("coded", { mode: "read" });
  const error = await stage.refusal(() => file.write(Uint8Array.of(1), 0), "a write succeeds");
  const code = codeOf(error);
  const isCode = typeof code === "string" && /^E[A-Z]+$/.test(code);
  demand(isCode, `the code of a refused write is ${String(code)}`);
}

async function fileGoesOn(stage: FileSystemStage): Promise<void> {
  const bytes = sampleBytes(10, 2);
  await stage.create("refusing", bytes);
  const file = await stage.open("refusing", { mode: "read" });
  await stage.refusal(() => file.write(Uint8Array.of(1), 0), "a write succeeds");
  demandSame(await readAll(file), bytes, "through the handle that refused a write");
}

async function othersGoOn(stage: FileSystemStage): Promise<void> {
  const { files } = stage;
  const file = await stage.open("older", { mode: "create" });
  for (
    const ask of [
      () => stage.open("missing", { mode: "write" }),
      () => stage.open("older", { mode: "create" }),
      () => files.list(stage.path("missing")),
      () => files.rename(stage.path("missing"), stage.path("target")),
      () => files.syncDirectory(stage.path("missing")),
      () => files.lock(stage.path("missing/lock")),
    ]
  ) {
    // That it fails is a requirement of its own.
    await ask().catch(() => {});
    await file.write(Uint8Array.of(1, 2), 0);
    demandSame(await readAll(file), [1, 2], "through a handle that was there before");
    await stage.create("newer", Uint8Array.of(3));
    await files.syncDirectory(stage.directory);
    await files.remove(stage.path("newer"));
  }
}
