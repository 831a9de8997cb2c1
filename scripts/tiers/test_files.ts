import { globSync } from "node:fs";
import { repositoryPath } from "../repository.ts";

/** The tiers of tests, by how long they take and what they need. */
export type Tier = "test" | "verify";

const VERIFY = "test/verify/";
const SOAK = "test/soak/";

/** The test files of a tier: `test` has what does not belong to another one. */
export function testFiles(tier: Tier): string[] {
  return globSync("test/**/*.test.ts", { cwd: repositoryPath() })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => tierOf(path) === tier)
    .sort();
}

function tierOf(path: string): Tier | "soak" {
  if (path.startsWith(VERIFY)) {
    return "verify";
  }
  return path.startsWith(SOAK) ? "soak" : "test";
}
