/**
 * `npm run docs`: the API pages of all exports in `docs/api/`. A warning, such
 * as a broken link, is an error.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { entriesOf, packageFiles } from "./checks/package_files.ts";
import { repositoryPath } from "./repository.ts";

const entries = [...entriesOf(packageFiles().packageJson).values()];
const { status } = spawnSync("typedoc", entries, { cwd: repositoryPath(), stdio: "inherit" });
process.exitCode = status ?? 1;
