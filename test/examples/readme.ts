import { readFile } from "node:fs/promises";
import { repositoryPath } from "../../scripts/repository.ts";

/** The programs in `examples/README.md`, in order: for AVA, and for `deno test`. */
export async function readmePrograms(): Promise<string[]> {
  const text = await readFile(repositoryPath("examples/README.md"), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
}
