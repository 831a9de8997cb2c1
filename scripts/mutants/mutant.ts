/** A bug that is put into a copy of the source, to see whether anything notices. */
export interface Mutant {
  /** Short and lasting: results and killers are kept under it. */
  readonly id: string;
  /** What is wrong with it. */
  readonly bug: string;
  /** Number in the catalogue of seeded bugs, for those that are listed there. */
  readonly listed?: number;
  /** File in `raft/`. */
  readonly file: string;
  /** Text that stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/**
 * The source of its file with the bug in it.
 *
 * @throws {Error} unless it applies exactly once.
 */
export function mutated(source: string, { id, file, find, replace }: Mutant): string {
  const count = source.split(find).length - 1;
  if (count !== 1) {
    throw new Error(`Mutant ${id} applies ${count} times to raft/${file}, not once`);
  }
  return source.replace(find, () => replace);
}
