import { relative } from "node:path";
import { repositoryPath } from "../repository.ts";
import { runTool } from "./tool.ts";

/** Names the files that `deno fmt` would write differently. */
export async function formatProblems(): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runTool("deno", ["fmt", "--check"]);
  if (exitCode === 0) {
    return [];
  }
  const output = `${stdout}\n${stderr}`;
  const files = [...output.matchAll(/^from (.*):$/gm)].map(([, path = ""]) => path);
  return files.length > 0
    ? files.map((path) => `${relative(repositoryPath(), path)}: run \`npm run fix\``).sort()
    : [output.trim()];
}
