import type { Level } from "../simulation/levels.ts";

/** A bug that is put into a copy of the source, to see whether anything notices. */
export interface Mutant {
  /** Short and lasting: results and killers are kept under it. */
  readonly id: string;
  /** What is wrong with it. */
  readonly bug: string;
  /** Number in the catalogue of seeded bugs, for those that are listed there. */
  readonly listed?: number;
  /** Path in the repository. */
  readonly file: string;
  /** Text that stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /**
   * The simulator whose seeds may notice it, `null` for none, and for no scenario.
   * Default: `core` for what is in `raft/`, none for the rest.
   */
  readonly level?: Level | null;
  /** Test files that may notice it. Default: none but the scenarios. */
  readonly tests?: readonly string[];
}

/** The simulator whose seeds may notice a mutant. */
export function levelOf({ level, file }: Mutant): Level | null {
  return level === undefined ? (file.startsWith("raft/") ? "core" : null) : level;
}

/** Whether the scenarios of Raft may notice a mutant. */
export function hasScenarios({ file, level }: Mutant): boolean {
  return file.startsWith("raft/") && level !== null;
}

/**
 * The source of its file with the bug in it.
 *
 * @throws {Error} unless it applies exactly once.
 */
export function mutated(source: string, { id, file, find, replace }: Mutant): string {
  const count = source.split(find).length - 1;
  if (count !== 1) {
    throw new Error(`Mutant ${id} applies ${count} times to ${file}, not once`);
  }
  return source.replace(find, () => replace);
}
