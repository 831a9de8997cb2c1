import { existsSync, readFileSync } from "node:fs";
import { repositoryPath } from "../repository.ts";

/** The parts of `package.json` that checks read. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, { readonly "kvorum-source": string }>>;
  /** Commands, by name: their built files. */
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The parts of `deno.json` that checks read. */
export interface DenoJson {
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
}

/** Both descriptions of the package. */
export interface PackageFiles {
  readonly packageJson: PackageJson;
  readonly denoJson: DenoJson;
}

/** Reads `package.json` and `deno.json`. */
export function packageFiles(): PackageFiles {
  return {
    packageJson: JSON.parse(readFileSync(repositoryPath("package.json"), "utf8")),
    denoJson: JSON.parse(readFileSync(repositoryPath("deno.json"), "utf8")),
  };
}

/** Exports by the package's own names, such as `kvorum/raft`, to source file. */
export function entriesOf({ name, exports }: PackageJson): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(exports).map(([entry, { "kvorum-source": source }]) => [
      name + entry.slice(1),
      source.replace(/^\.\//, ""),
    ]),
  );
}

/** Where the two descriptions differ, or name a file that is not there. */
export function packageFileProblems(
  { packageJson, denoJson }: PackageFiles,
  fileExists: (path: string) => boolean = (path) => existsSync(repositoryPath(path)),
): string[] {
  const entries = [...entriesOf(packageJson)];
  const versions = { ...packageJson.devDependencies, ...packageJson.dependencies };
  return [
    ...differences("version", [packageJson.version], [denoJson.version]),
    ...differences(
      "exports",
      Object.entries(packageJson.exports).map(([entry, to]) => `${entry} → ${to["kvorum-source"]}`),
      Object.entries(denoJson.exports).map(([entry, to]) => `${entry} → ${to}`),
    ),
    ...differences(
      "dependencies and own names",
      [
        ...Object.keys(packageJson.dependencies).map((name) => `${name} → ${npm(name, versions)}`),
        ...entries.map(([name, source]) => `${name} → ./${source}`),
      ],
      Object.entries(denoJson.imports)
        // What only tests need is listed for Deno's sake alone.
        .filter(([name, to]) => packageJson.dependencies[name] !== undefined || !isNpm(to))
        .map(([name, to]) => `${name} → ${to}`),
    ),
    ...Object.entries(denoJson.imports)
      .filter(([name, to]) => isNpm(to) && to !== npm(name, versions))
      .map(([name, to]) => `deno.json imports ${to}; package.json has ${versions[name]}`),
    ...entries
      .filter(([, source]) => !fileExists(source))
      .map(([name, source]) => `${name} is exported, but there is no ${source}`),
  ];
}

function isNpm(specifier: string): boolean {
  return specifier.startsWith("npm:");
}

function npm(name: string, versions: Readonly<Record<string, string>>): string {
  return `npm:${name}@${versions[name]}`;
}

function differences(
  what: string,
  inPackage: readonly string[],
  inDeno: readonly string[],
): string[] {
  return [
    ...inPackage.filter((line) => !inDeno.includes(line))
      .map((line) => `${what}: ${line} is in package.json, not in deno.json`),
    ...inDeno.filter((line) => !inPackage.includes(line))
      .map((line) => `${what}: ${line} is in deno.json, not in package.json`),
  ];
}
