/**
 * `npm run soak -- NAME`: one long run, `test/soak/NAME.ts`, with the arguments that follow.
 */
import { existsSync, globSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { repositoryPath } from "./repository.ts";

const name = process.argv[2] ?? "";
const program = repositoryPath(`test/soak/${name}.ts`);
if (/^\w+$/.test(name) && existsSync(program)) {
  // The program sees its own arguments where it would if it had been started directly.
  process.argv.splice(1, 2, program);
  await import(pathToFileURL(program).href);
} else {
  const names = globSync("test/soak/*.ts", { cwd: repositoryPath() })
    .map((path) => basename(path, ".ts"))
    .sort();
  console.error(name === "" ? "Which soak?" : `There is no soak "${name}"`);
  console.error(`There are: ${names.join(", ") || "none yet"}`);
  process.exitCode = 1;
}
