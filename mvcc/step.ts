/**
 * A long operation in slices. Its driver calls `step` until the answer is
 * `done`, and lets other work in between. After that, `step` does nothing more.
 */
export interface Step {
  /**
   * Does one slice of the work.
   *
   * @param budget about how many records to handle, at least 1. One slice takes
   * time in proportion to it, whatever the size of the store.
   */
  step(budget: number): "done" | "more";
}
