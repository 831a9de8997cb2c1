import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root: string = fileURLToPath(new URL("..", import.meta.url));

/** Absolute path of a file of this repository, or of its root. */
export function repositoryPath(path = ""): string {
  return join(root, path);
}
