import ts from "typescript";
import process from "node:process";
import type { Sources } from "./sources.ts";
import { runTool } from "./tool.ts";

/** A program in a comment. */
export interface DocExample {
  /** File that it stands in. */
  readonly path: string;
  /** Line of its first line, from 1 on. */
  readonly line: number;
  readonly code: string;
}

/**
 * Runs each example in the header of a `mod.ts`. Where comments behind its
 * `console.log` lines say what it prints, it must print that; spaces and quotes
 * aside, in which Node and Deno differ. A line in a loop says `1, then 2`.
 */
export async function docExampleProblems(sources: Sources): Promise<string[]> {
  const problems: string[] = [];
  for (const example of docExamples(sources)) {
    const { exitCode, stdout, stderr } = await runTool(
      process.execPath,
      ["--conditions=kvorum-source", "--input-type=module-typescript", "-"],
      // From the root the package's own name and its dependencies can be imported.
      { input: example.code },
    );
    const problem = exitCode === 0
      ? outputProblem(expectedOutput(example.code), stdout)
      : stderr.trim();
    if (problem !== null) {
      problems.push(`${example.path}:${example.line}: ${problem}`);
    }
  }
  return problems;
}

/** The examples in the headers of all `mod.ts`. */
export function docExamples(sources: Sources): DocExample[] {
  return [...sources]
    .filter(([path]) => /(^|\/)mod\.ts$/.test(path))
    .flatMap(([path, text]) => headerExamples(path, text));
}

function headerExamples(path: string, text: string): DocExample[] {
  const [header] = ts.getLeadingCommentRanges(text, 0) ?? [];
  if (header === undefined) {
    return [];
  }
  const examples: DocExample[] = [];
  let code: string[] | null = null;
  text.slice(0, header.end).split("\n").forEach((raw, index) => {
    const line = raw.replace(/^ \* ?/, "");
    if (code === null && line === "```ts") {
      code = [];
    } else if (code !== null && line === "```") {
      examples.push({ path, line: index + 1 - code.length, code: code.join("\n") });
      code = null;
    } else {
      code?.push(line);
    }
  });
  return examples;
}

/** What the comments behind `console.log(…);` announce, line by line. */
export function expectedOutput(code: string): string[] {
  return code
    .split("\n")
    .flatMap((line) => /console\.log\(.*\);? \/\/ (.*)$/.exec(line)?.[1] ?? []);
}

function outputProblem(expected: readonly string[], stdout: string): string | null {
  const announced = expected.join("\n");
  return announced === "" || plain(announced) === plain(stdout)
    ? null
    : `prints\n${stdout.trimEnd()}\nbut says that it prints\n${announced}`;
}

function plain(output: string): string {
  return output.replaceAll(", then ", "").replaceAll(/[\s"']/g, "");
}
