import { readFileSync } from "node:fs";
import { repositoryPath } from "../repository.ts";

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
}

/** Addresses in the lock file: `npm ci` must work with any registry. */
export function lockFileProblems(
  text: string = readFileSync(repositoryPath("package-lock.json"), "utf8"),
): string[] {
  const { packages } = JSON.parse(text) as LockFile;
  return Object.entries(packages)
    .filter(([, { resolved }]) => resolved !== undefined)
    .map(([path]) => `package-lock.json: ${path} has a "resolved" address; remove it`);
}
