import { existsSync } from "node:fs";
import process from "node:process";
import { repositoryPath } from "../repository.ts";
import { runTool } from "./tool.ts";

/** Entries that browsers import; those that do not exist yet are passed over. */
const BROWSER_ENTRIES: readonly string[] = [
  "mod.ts",
  "raft/mod.ts",
  "storage/mod.ts",
  "transport/mod.ts",
  "mvcc/mod.ts",
  "lease/mod.ts",
  "watch/mod.ts",
  "testing/mod.ts",
  "wire/mod.ts",
  "proto/mod.ts",
  "client/mod.ts",
];

/** Imports each entry where there is neither Node's modules nor its globals. */
export async function browserProblems(
  entries: readonly string[] = BROWSER_ENTRIES.filter((entry) => existsSync(repositoryPath(entry))),
): Promise<string[]> {
  const problems: string[] = [];
  for (const entry of entries) {
    const { exitCode, stderr } = await runTool(process.execPath, [
      "--conditions=kvorum-source",
      repositoryPath("scripts/checks/import_like_a_browser.ts"),
      entry,
    ]);
    if (exitCode !== 0) {
      problems.push(`${entry}: ${stderr.trim()}`);
    }
  }
  return problems;
}
