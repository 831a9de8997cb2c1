/**
 * `npm run build`: JavaScript and declarations in `dist/`, for Node 22 and
 * later. Only the npm package needs it; a checkout runs unbuilt.
 */
import { chmodSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { packageFiles } from "./checks/package_files.ts";
import { runTool } from "./checks/tool.ts";
import { repositoryPath } from "./repository.ts";

// A file whose source is gone must not be published.
rmSync(repositoryPath("dist"), { recursive: true, force: true });
const { exitCode, stdout } = await runTool("tsc", ["--project", "tsconfig.build.json"]);
console.log(stdout.trim() || "Built dist/");
process.exitCode = exitCode ?? 1;

if (exitCode === 0) {
  globSync("dist/**/*.d.ts", { cwd: repositoryPath() }).forEach((path) =>
    referToDisposables(repositoryPath(path))
  );
  Object.values(packageFiles().packageJson.bin)
    .map((path) => repositoryPath(path))
    .filter((path) => existsSync(path))
    // npm does this where it installs; here it is for trying them out.
    .forEach((path) => chmodSync(path, 0o755));
}

/**
 * Lets a declaration file bring the library that it needs along: by default a
 * user's project knows no `AsyncDisposable`.
 */
function referToDisposables(path: string): void {
  const text = readFileSync(path, "utf8");
  if (/Disposable|Symbol\.(asyncDispose|dispose)/.test(text)) {
    writeFileSync(path, `/// <reference lib="esnext.disposable" />\n${text}`);
  }
}
