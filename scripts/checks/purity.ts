import ts from "typescript";
import { importedFile } from "./boundaries.ts";
import { importsOf, type ImportUse } from "./imports.ts";
import {
  type Exception,
  EXCEPTIONS,
  IMPURE_PROPERTIES,
  IMPURE_TYPES,
  PURE_ENTRIES,
  PURE_FOLDERS,
  PURE_GLOBALS,
  PURE_PACKAGES,
} from "./pure_code.ts";
import { type Resolver, resolverOf } from "./resolver.ts";
import type { Sources } from "./sources.ts";

/**
 * Everything in the pure folders that is not pure, and every exception that is
 * not needed.
 *
 * @param entries exports of the package: own name to source file.
 */
export function purityProblems(
  sources: Sources,
  entries: ReadonlyMap<string, string>,
  exceptions: Readonly<Record<string, Exception>> = EXCEPTIONS,
): string[] {
  const pure = new Map([...sources].filter(([path]) => isInPureFolder(path)));
  const resolver = resolverOf(pure);
  const problems = [...pure].flatMap(([path, text]) => {
    const found = [
      ...codeProblems(resolver.file(path), resolver),
      ...importsOf(path, text).flatMap((use) => importProblem(path, use, entries, exceptions)),
    ];
    return judged(path, found, exceptions[path]?.kind);
  });
  const stale = Object.keys(exceptions)
    .filter((path) => !sources.has(path))
    .map((path) => `${path}: is an exception in scripts/checks/pure_code.ts, but is not there`);
  return [...problems, ...stale];
}

interface Problem {
  readonly line: number;
  readonly text: string;
  /** A type that an interface for users may mention. */
  readonly inType: boolean;
}

function isInPureFolder(path: string): boolean {
  return PURE_FOLDERS.some((folder) => path.startsWith(folder));
}

/** Applies the exceptions to what was found in a file. */
function judged(
  path: string,
  found: readonly Problem[],
  exception: Exception["kind"] | undefined,
): string[] {
  const excused = found.filter(({ inType }) =>
    exception === "driver" || (exception === "interface" && inType)
  );
  if (exception !== undefined && excused.length === 0) {
    return [`${path}: is pure; it needs no exception in scripts/checks/pure_code.ts`];
  }
  return found
    .filter((problem) => !excused.includes(problem))
    .map(({ line, text }) => `${path}:${line}: ${text}`);
}

function codeProblems(file: ts.SourceFile, resolver: Resolver): Problem[] {
  const problems: Problem[] = [];

  function visit(node: ts.Node): void {
    const found = nodeProblem(node, resolver);
    if (found !== null) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      problems.push({ line: line + 1, text: found.text, inType: found.inType });
    }
    ts.forEachChild(node, visit);
  }

  visit(file);
  return problems;
}

type Found = Pick<Problem, "text" | "inType">;

function nodeProblem(node: ts.Node, resolver: Resolver): Found | null {
  const text = syntaxProblem(node) ?? propertyProblem(node);
  if (text !== null) {
    return { text, inType: false };
  }
  return ts.isIdentifier(node) && isUse(node) && resolver.isGlobal(node)
    ? globalProblem(node)
    : null;
}

/** What the language itself offers to wait, or to reach what is not declared. */
function syntaxProblem(node: ts.Node): string | null {
  switch (node.kind) {
    case ts.SyntaxKind.AsyncKeyword:
      return "is async";
    case ts.SyntaxKind.AwaitKeyword: // `for await`
    case ts.SyntaxKind.AwaitExpression:
      return "awaits";
    case ts.SyntaxKind.ImportKeyword: // `import(…)`; the statement's own is no node
      return "imports while it runs";
    case ts.SyntaxKind.MetaProperty:
      return "uses import.meta";
    case ts.SyntaxKind.DeclareKeyword:
      // It would make a global look like a declared name.
      return "declares what it does not define";
    case ts.SyntaxKind.VariableDeclarationList:
      return (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing ? "awaits" : null;
    default:
      return null;
  }
}

function propertyProblem(node: ts.Node): string | null {
  const name = propertyName(node);
  if (name !== null && IMPURE_PROPERTIES.has(name)) {
    return `uses .${name}, which ${IMPURE_PROPERTIES.get(name)}`;
  }
  return null;
}

function propertyName(node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(node)) {
    return node.name.text;
  }
  if (ts.isElementAccessExpression(node)) {
    const argument = node.argumentExpression;
    return ts.isStringLiteralLike(argument) ? argument.text : null;
  }
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    const key = node.propertyName ?? node.name;
    return ts.isIdentifier(key) || ts.isStringLiteralLike(key) ? key.text : null;
  }
  return null;
}

function globalProblem(name: ts.Identifier): Found | null {
  if (isTypeUse(name)) {
    return IMPURE_TYPES.has(name.text) ? { text: `mentions ${name.text}`, inType: true } : null;
  }
  if (!PURE_GLOBALS.has(name.text)) {
    return { text: `uses ${name.text}`, inType: false };
  }
  // Any other use of Math might hand out its chance.
  return name.text !== "Math" || isSafeMath(name)
    ? null
    : { text: "uses Math for its chance", inType: false };
}

function isSafeMath({ parent }: ts.Identifier): boolean {
  return ts.isPropertyAccessExpression(parent) && parent.name.text !== "random";
}

/** Whether an identifier stands for a value or a type, rather than name or label something. */
function isUse(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isShorthandPropertyAssignment(parent)) {
    return true;
  }
  if (ts.isQualifiedName(parent)) {
    return parent.left === name;
  }
  if (
    ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isMetaProperty(parent) ||
    ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)
  ) {
    return false;
  }
  return !("name" in parent && parent.name === name) &&
    !("propertyName" in parent && parent.propertyName === name);
}

function isTypeUse(name: ts.Identifier): boolean {
  let node: ts.Node = name;
  while (ts.isQualifiedName(node.parent)) {
    node = node.parent;
  }
  // `typeof x` in a type names a value, but does not touch it.
  return ts.isTypeReferenceNode(node.parent) || ts.isTypeQueryNode(node.parent) ||
    ts.isPartOfTypeNode(node) || isHeritageType(node);
}

/** `implements X`, and what an interface extends. */
function isHeritageType({ parent }: ts.Node): boolean {
  return ts.isExpressionWithTypeArguments(parent) && ts.isHeritageClause(parent.parent) &&
    (parent.parent.token === ts.SyntaxKind.ImplementsKeyword ||
      ts.isInterfaceDeclaration(parent.parent.parent));
}

/** Purity is closed under imports: what pure code runs is pure. */
function importProblem(
  path: string,
  use: ImportUse,
  entries: ReadonlyMap<string, string>,
  exceptions: Readonly<Record<string, Exception>>,
): Problem[] {
  // A mod.ts lists drivers and pure code alike; it runs nothing.
  if (use.specifier.startsWith("node:")) {
    return [{ line: use.line, text: `imports ${use.specifier}`, inType: false }];
  }
  if (use.typeOnly || path.endsWith("/mod.ts")) {
    return [];
  }
  const target = importedFile(path, use.specifier, entries);
  const isPure = target === null ? isPurePackage(use.specifier) : isPureFile(target, exceptions);
  return isPure
    ? []
    : [{ line: use.line, text: `imports ${use.specifier}, which is not pure`, inType: false }];
}

function isPureFile(path: string, exceptions: Readonly<Record<string, Exception>>): boolean {
  return PURE_ENTRIES.includes(path) ||
    (isInPureFolder(path) && exceptions[path]?.kind !== "driver");
}

function isPurePackage(specifier: string): boolean {
  return PURE_PACKAGES.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}
