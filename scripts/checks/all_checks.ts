import { boundaryProblems } from "./boundaries.ts";
import { browserProblems } from "./browser.ts";
import type { Check } from "./check.ts";
import { formatProblems } from "./format.ts";
import { docExampleProblems } from "./doc_examples.ts";
import { lockFileProblems } from "./lock_file.ts";
import { entriesOf, packageFileProblems, packageFiles } from "./package_files.ts";
import { purityProblems } from "./purity.ts";
import { reexportProblems } from "./reexports.ts";
import { ROOMS } from "./rooms.ts";
import { handwrittenSources } from "./sources.ts";
import { staleProtoProblems } from "./stale_proto.ts";
import { toolProblems } from "./tool.ts";

/** All checks, those first that a change breaks most often. */
export function allChecks(): Check[] {
  const sources = handwrittenSources();
  const files = packageFiles();
  const entries = entriesOf(files.packageJson);
  const plan = {
    rooms: ROOMS,
    entries,
    dependencies: Object.keys(files.packageJson.dependencies),
  };
  return [
    {
      name: "types",
      rule: "TypeScript finds no error",
      run: () => toolProblems("tsc", ["--pretty", "false"]),
    },
    {
      name: "format",
      rule: "all files are as `deno fmt` writes them",
      run: () => formatProblems(),
    },
    {
      name: "lint",
      rule: "`deno lint` has nothing to say",
      run: () => toolProblems("deno", ["lint", "--quiet"]),
    },
    {
      name: "boundaries",
      rule: "a module imports only what its room may",
      run: () => Promise.resolve(boundaryProblems(sources, plan)),
    },
    {
      name: "purity",
      rule: "what decides is synchronous and deterministic",
      run: () => Promise.resolve(purityProblems(sources, entries)),
    },
    {
      name: "reexports",
      rule: "only a mod.ts re-exports",
      run: () => Promise.resolve(reexportProblems(sources)),
    },
    {
      name: "package",
      rule: "package.json and deno.json describe the same package",
      run: () => Promise.resolve(packageFileProblems(files)),
    },
    {
      name: "lock",
      rule: "the lock file names no download address",
      run: () => Promise.resolve(lockFileProblems()),
    },
    {
      name: "proto",
      rule: "the generated protobuf code is up to date",
      run: staleProtoProblems,
    },
    {
      name: "browser",
      rule: "what browsers may import needs nothing of Node",
      run: () => browserProblems(),
    },
    {
      name: "examples",
      rule: "the examples in the headers run and print what they say",
      run: () => docExampleProblems(sources),
    },
    {
      name: "deno",
      rule: "`deno check` accepts each export and its examples",
      run: () => toolProblems("deno", ["check", "--quiet", "--doc", ...entries.values()]),
    },
    {
      name: "publish",
      rule: "the package could be published from here",
      run: () => toolProblems("deno", ["publish", "--dry-run", "--allow-dirty", "--quiet"]),
    },
  ];
}
