import { globSync, readFileSync } from "node:fs";
import { repositoryPath } from "../repository.ts";

/** Source files: path from the root of the repository, with `/`, to text. */
export type Sources = ReadonlyMap<string, string>;

/** Folders whose TypeScript is not written by hand, or not ours. */
const FOREIGN = /^(node_modules|dist|docs|proto\/gen|\.[^/]+)\//;

/** All TypeScript of the repository that is written by hand, in order of path. */
export function handwrittenSources(): Sources {
  const paths = globSync("**/*.ts", {
    cwd: repositoryPath(),
    exclude: (path) => FOREIGN.test(`${path.replaceAll("\\", "/")}/`),
  });
  return new Map(
    paths
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => !FOREIGN.test(path))
      .sort()
      .map((path) => [path, readFileSync(repositoryPath(path), "utf8")]),
  );
}
