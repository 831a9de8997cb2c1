import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import ts from "typescript";
import { repositoryPath } from "../repository.ts";
import { type Mutant, mutated } from "./mutant.ts";

/** Folders that mutants may be in. */
const ROOMS = ["raft", "storage", "transport", "mvcc", "lease", "watch", "server"];

/** Type-checks a mutant's folder with the bug in it, checking anew only what each changes. */
export class MutantTypeCheck {
  readonly #service: ts.LanguageService;
  readonly #files: readonly string[];
  #changed: { readonly path: string; readonly source: string } | null = null;
  #version = 0;

  constructor() {
    const config = ts.readConfigFile(repositoryPath("tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, repositoryPath());
    this.#files = globSync(ROOMS.map((room) => `${room}/**/*.ts`), { cwd: repositoryPath() })
      .map((path) => repositoryPath(path));
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [...this.#files],
      getScriptVersion: (path) => path === this.#changed?.path ? String(this.#version) : "0",
      getScriptSnapshot: (path) => {
        const source = path === this.#changed?.path ? this.#changed.source : ts.sys.readFile(path);
        return source === undefined ? undefined : ts.ScriptSnapshot.fromString(source);
      },
      getCurrentDirectory: () => repositoryPath(),
      getDefaultLibFileName: (each) => ts.getDefaultLibFilePath(each),
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
  }

  /** What the compiler has against a mutant. */
  problems(mutant: Mutant): string[] {
    const path = repositoryPath(mutant.file);
    this.#version += 1;
    this.#changed = { path, source: mutated(readFileSync(path, "utf8"), mutant) };
    const folder = dirname(path);
    return this.#files.filter((file) => dirname(file) === folder).flatMap((file) => [
      ...this.#service.getSyntacticDiagnostics(file),
      ...this.#service.getSemanticDiagnostics(file),
    ]).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
  }
}
