import ts from "typescript";

/** How a file names another one. */
export interface ImportUse {
  /** As written, such as `../raft/mod.ts`. */
  readonly specifier: string;
  /** Nothing of it is left when the types are stripped. */
  readonly typeOnly: boolean;
  /** Names that are imported as values; `*` for all of them, or for what cannot be told. */
  readonly values: readonly string[];
  /** `export … from`. */
  readonly isExport: boolean;
  /** From 1 on. */
  readonly line: number;
}

/** All imports of a file: static and dynamic, re-exports, `require`, and those in types. */
export function importsOf(path: string, text: string): ImportUse[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: ImportUse[] = [];

  function visit(node: ts.Node): void {
    const use = importUse(node);
    if (use !== null) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      found.push({ ...use, line: line + 1 });
    }
    ts.forEachChild(node, visit);
  }

  visit(file);
  return found;
}

type Found = Omit<ImportUse, "line">;

function importUse(node: ts.Node): Found | null {
  if (ts.isImportDeclaration(node)) {
    return {
      specifier: textOf(node.moduleSpecifier),
      typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      values: importedValues(node.importClause),
      isExport: false,
    };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return {
      specifier: textOf(node.moduleSpecifier),
      typeOnly: node.isTypeOnly,
      values: exportedValues(node),
      isExport: true,
    };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    const specifier = textOf(node.moduleReference.expression);
    return { specifier, typeOnly: node.isTypeOnly, values: ["*"], isExport: false };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const specifier = textOf(node.argument.literal);
    return { specifier, typeOnly: true, values: [], isExport: false };
  }
  if (ts.isCallExpression(node) && isLoader(node.expression)) {
    const [argument] = node.arguments;
    const specifier = argument === undefined ? "" : textOf(argument);
    return { specifier, typeOnly: false, values: ["*"], isExport: false };
  }
  return null;
}

function isLoader(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(callee) && callee.text === "require");
}

/** Text of a string literal; the source text of anything else, which is then unknown. */
function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : node.getText();
}

function importedValues(clause: ts.ImportClause | undefined): string[] {
  if (clause === undefined) {
    return ["*"];
  }
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) {
    return [];
  }
  const bindings = clause.namedBindings;
  if (bindings !== undefined && ts.isNamespaceImport(bindings)) {
    return ["*"];
  }
  const names = bindings === undefined ? [] : valueNames(bindings.elements);
  return clause.name === undefined ? names : ["default", ...names];
}

function exportedValues(node: ts.ExportDeclaration): string[] {
  if (node.isTypeOnly) {
    return [];
  }
  const clause = node.exportClause;
  return clause !== undefined && ts.isNamedExports(clause) ? valueNames(clause.elements) : ["*"];
}

function valueNames(
  elements: ts.NodeArray<ts.ImportSpecifier> | ts.NodeArray<ts.ExportSpecifier>,
): string[] {
  return [...elements]
    .filter((element) => !element.isTypeOnly)
    .map((element) => (element.propertyName ?? element.name).text);
}
