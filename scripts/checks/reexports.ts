import ts from "typescript";
import type { Sources } from "./sources.ts";

/** Every re-export outside a `mod.ts`: public names have one place. */
export function reexportProblems(sources: Sources): string[] {
  return [...sources]
    .filter(([path]) => !/(^|\/)mod\.ts$/.test(path))
    .flatMap(([path, text]) => {
      const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
      return reexportedNames(file).map(({ name, node }) => {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
        return `${path}:${line + 1}: re-exports ${name}; only a mod.ts may`;
      });
    });
}

interface Reexport {
  readonly name: string;
  readonly node: ts.Node;
}

function reexportedNames(file: ts.SourceFile): Reexport[] {
  const imported = new Set(file.statements.flatMap(importedNames));
  return file.statements.filter(ts.isExportDeclaration).flatMap((node): Reexport[] => {
    if (node.moduleSpecifier !== undefined) {
      return [{ name: node.moduleSpecifier.getText(file), node }];
    }
    // The long way round: first import, then export.
    const clause = node.exportClause;
    const elements = clause !== undefined && ts.isNamedExports(clause) ? clause.elements : [];
    return [...elements]
      .map((element) => ({ name: (element.propertyName ?? element.name).text, node: element }))
      .filter(({ name }) => imported.has(name));
  });
}

/** Names that a statement imports, as this file calls them. */
function importedNames(statement: ts.Statement): string[] {
  if (!ts.isImportDeclaration(statement)) {
    return [];
  }
  const { name, namedBindings } = statement.importClause ?? {};
  const names = namedBindings === undefined
    ? []
    : ts.isNamespaceImport(namedBindings)
    ? [namedBindings.name]
    : namedBindings.elements.map((element) => element.name);
  return [...(name === undefined ? [] : [name]), ...names].map(({ text }) => text);
}
