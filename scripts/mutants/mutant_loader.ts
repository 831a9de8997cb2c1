import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { repositoryPath } from "../repository.ts";
import { type Mutant, mutated } from "./mutant.ts";

const QUERY = "?mutant=";

/**
 * Loads modules of the repository with a bug in one of them, as often as one
 * likes in one process: each mutant has its own copy of every module that is
 * loaded for it, told apart by the query of its address.
 */
export class MutantLoader {
  readonly #root = pathToFileURL(repositoryPath()).href;
  readonly #mutants = new Map<string, Mutant>();
  /** Sources without their types, by path: most are the same for all mutants. */
  readonly #stripped = new Map<string, string>();

  constructor() {
    registerHooks({
      resolve: (specifier, context, next) => {
        const resolved = next(specifier, context);
        const [, id] = (context.parentURL ?? "").split(QUERY);
        return id === undefined || !this.#isOurs(resolved.url)
          ? resolved
          : { ...resolved, url: `${resolved.url}${QUERY}${id}`, shortCircuit: true };
      },
      load: (url, context, next) => {
        const [address = "", id] = url.split(QUERY);
        return id === undefined || !this.#isOurs(address) ? next(url, context) : {
          format: "module",
          source: this.#sourceFor(fileURLToPath(address), id),
          shortCircuit: true,
        };
      },
    });
  }

  /** Loads a file of the repository for a mutant. */
  async load<Module>(mutant: Mutant, file: string): Promise<Module> {
    this.#mutants.set(mutant.id, mutant);
    const url = pathToFileURL(repositoryPath(file)).href;
    return await import(`${url}${QUERY}${mutant.id}`) as Module;
  }

  #isOurs(url: string): boolean {
    return url.startsWith(this.#root) && url.endsWith(".ts") && !url.includes("/node_modules/");
  }

  #sourceFor(path: string, id: string): string {
    const mutant = this.#mutants.get(id);
    if (mutant !== undefined && path === repositoryPath(mutant.file)) {
      return stripTypeScriptTypes(mutated(readFileSync(path, "utf8"), mutant));
    }
    let source = this.#stripped.get(path);
    if (source === undefined) {
      source = stripTypeScriptTypes(readFileSync(path, "utf8"));
      this.#stripped.set(path, source);
    }
    return source;
  }
}
