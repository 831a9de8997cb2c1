/**
 * The one entry of all npm scripts: `node scripts/run.mjs COMMAND [ARGUMENTS]`.
 *
 * It finds the Node and the Deno that `npm ci` brought along, prints their versions, and runs the
 * command with that Node. It is plain JavaScript in old syntax, because what starts it may be any
 * Node from 18 on, which cannot read the rest of this repository.
 */
import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const binaries = join(root, "node_modules", ".bin");

/** Command: the program that it runs. */
const PROGRAMS = {
  server: "server/main.ts",
  test: "scripts/test.ts",
  verify: "scripts/verify.ts",
  soak: "scripts/soak.ts",
  check: "scripts/check.ts",
  fix: "scripts/fix.ts",
  build: "scripts/build.ts",
  docs: "scripts/docs.ts",
  bench: "bench/main.ts",
  simulate: "scripts/simulate.ts",
  mutate: "scripts/mutate.ts",
};

const [command = "", ...args] = process.argv.slice(2);
const program = PROGRAMS[command];
if (program === undefined) {
  fail(`Unknown command: "${command}". There are: ${Object.keys(PROGRAMS).join(", ")}`);
} else if (!existsSync(join(root, program))) {
  fail(`There is no ${program} yet`);
} else {
  const environment = toolEnvironment();
  const [node, deno] = await Promise.all([
    installedVersion("node", environment),
    installedVersion("deno", environment),
  ]);
  console.error(`node ${node}, deno ${deno}`);
  run(program, args, environment);
}

/** The environment in which `node`, `deno` and all tools are those of `node_modules`. */
function toolEnvironment() {
  const environment = { ...process.env };
  // Windows may spell it `Path`.
  const pathName = Object.keys(environment).find((name) => name.toUpperCase() === "PATH") || "PATH";
  environment[pathName] = binaries + delimiter + (environment[pathName] || "");
  return environment;
}

/** Version of an installed tool; ends the process where it is missing or not the pinned one. */
async function installedVersion(tool, environment) {
  const pins = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies;
  const output = await new Promise((resolve) => {
    execFile(toolPath(tool), ["--version"], { env: environment }, (error, stdout) => {
      resolve(error === null ? stdout : "");
    });
  });
  const found = /\d+\.\d+\.\d+/.exec(output);
  if (found === null || found[0] !== pins[tool]) {
    fail(
      `In node_modules ${tool} ${pins[tool]} is wanted; ${
        found || "nothing that runs"
      } is there.\n` +
        "Run `npm ci`. If npm was told not to run install scripts, run\n" +
        "`npm rebuild --ignore-scripts=false node deno lmdb @bufbuild/buf` after it.",
    );
  }
  return found[0];
}

function toolPath(tool) {
  return join(binaries, process.platform === "win32" ? tool + ".cmd" : tool);
}

/** Runs a program until it ends, and ends like it. */
function run(program, args, environment) {
  const child = spawn(
    toolPath("node"),
    ["--conditions=kvorum-source", join(root, program), ...args],
    { stdio: "inherit", env: environment },
  );
  // A terminal sends its Ctrl-C to the child as well, which must not get it twice.
  const onTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  process.on("SIGINT", () => onTerminal || child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => onTerminal || child.kill("SIGHUP"));
  child.on("error", (error) => fail(`${program} could not be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exit(signal === null ? code : 128 + constants.signals[signal]);
  });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
