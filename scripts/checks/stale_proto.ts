import { globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryPath } from "../repository.ts";
import { runTool } from "./tool.ts";

/** Generates the protobuf code anew, elsewhere, and compares. */
export async function staleProtoProblems(): Promise<string[]> {
  const fresh = await mkdtemp(join(tmpdir(), "kvorum-proto-"));
  try {
    const { exitCode, stderr } = await runTool("buf", ["generate", "--output", fresh], {
      directory: repositoryPath("proto"),
    });
    return exitCode === 0
      ? differences(readTree(join(fresh, "gen")), readTree(repositoryPath("proto/gen")))
      : [stderr.trim()];
  } finally {
    await rm(fresh, { recursive: true });
  }
}

type Tree = ReadonlyMap<string, string>;

function readTree(directory: string): Tree {
  return new Map(
    globSync("**/*.ts", { cwd: directory }).map((path) => [
      path,
      readFileSync(join(directory, path), "utf8"),
    ]),
  );
}

function differences(fresh: Tree, committed: Tree): string[] {
  const paths = new Set([...fresh.keys(), ...committed.keys()]);
  return [...paths]
    .sort()
    .filter((path) => fresh.get(path) !== committed.get(path))
    .map((path) => `proto/gen/${path} is stale: run \`npm run fix\``);
}
