import ts from "typescript";
import type { Sources } from "./sources.ts";

/** Parsed files, and whether a name in them is declared there. */
export interface Resolver {
  file(path: string): ts.SourceFile;
  /** Whether a name that is used means something that none of the files declares. */
  isGlobal(name: ts.Identifier): boolean;
}

/**
 * Parses files and binds their names, with the compiler's scopes but without
 * its library: what is then left unbound is global.
 */
export function resolverOf(sources: Sources): Resolver {
  const options: ts.CompilerOptions = {
    noLib: true,
    noResolve: true,
    types: [],
    target: ts.ScriptTarget.Latest,
    // Else the top level of a file without imports would be seen by all others.
    moduleDetection: ts.ModuleDetectionKind.Force,
  };
  const host: ts.CompilerHost = {
    getSourceFile: (path, languageVersion) => {
      const text = sources.get(path);
      return text === undefined
        ? undefined
        : ts.createSourceFile(path, text, languageVersion, true);
    },
    getDefaultLibFileName: () => "lib.d.ts",
    writeFile: () => {},
    getCurrentDirectory: () => "",
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: (path) => sources.has(path),
    readFile: (path) => sources.get(path),
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  const checker = program.getTypeChecker();
  return {
    file(path) {
      const file = program.getSourceFile(path);
      if (file === undefined) {
        throw new Error(`Not among the sources: ${path}`);
      }
      return file;
    },
    isGlobal(name) {
      const symbol = ts.isShorthandPropertyAssignment(name.parent)
        ? checker.getShorthandAssignmentValueSymbol(name.parent)
        : checker.getSymbolAtLocation(name);
      // What it could not bind, and what it knows by itself, such as `globalThis`.
      return (symbol?.declarations ?? []).length === 0;
    },
  };
}
