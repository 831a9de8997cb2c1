import type { FileSystemStage } from "./file_system_stage.ts";

/** A requirement's sentence, and how it is tried. */
export type FileSystemRequirement = readonly [
  name: string,
  play: (stage: FileSystemStage) => Promise<void>,
];

/** A file system does not do what the interface demands. */
export class FileSystemRequirementError extends Error {
  readonly code = "FILE_SYSTEM_REQUIREMENT";

  constructor(observation: string, options?: ErrorOptions) {
    super(observation, options);
    this.name = "FileSystemRequirementError";
  }
}

/** Throws unless it holds; otherwise says what was observed instead. */
export function demand(holds: boolean, observation: string): asserts holds {
  if (!holds) {
    throw new FileSystemRequirementError(observation);
  }
}

/** Throws unless two lists hold the same, of names or of bytes. */
export function demandSame<Item>(
  found: ArrayLike<Item>,
  expected: ArrayLike<Item>,
  what: string,
): void {
  let at = 0;
  // Not by a method of arrays: there may be millions of bytes.
  while (at < expected.length && found[at] === expected[at]) {
    at += 1;
  }
  const isSame = at === expected.length && found.length === at;
  if (!isSame) {
    const items = `${summary(found, at)} instead of ${summary(expected, at)}`;
    demand(false, `${what}: from position ${at} on ${items}`);
  }
}

/** Some of the items are enough for a message. */
function summary(items: ArrayLike<unknown>, from: number): string {
  const shown = Array.from(
    { length: Math.min(16, items.length - from) },
    (_, at) => items[from + at],
  );
  return `${JSON.stringify(shown)} (${items.length} in all)`;
}
