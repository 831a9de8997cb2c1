import type { TapLine, TestOutcome } from "./tap_parser.ts";

/** Counts the results of a run, and remembers which tests need a second look. */
export class Tally {
  readonly #titles: Record<TestOutcome, string[]> = {
    passed: [],
    failed: [],
    skipped: [],
    todo: [],
  };
  /** Failures in AVA's own summary, `null` until it came. */
  #failuresClaimed: number | null = null;

  add(line: TapLine): void {
    if (line.type === "result") {
      this.#titles[line.outcome].push(line.title);
    } else if (line.type === "failures") {
      this.#failuresClaimed = line.count;
    }
  }

  titles(outcome: TestOutcome): readonly string[] {
    return this.#titles[outcome];
  }

  /**
   * Why the run as a whole failed although no test is listed as failed.
   *
   * @param exitCode what AVA ended with, `null` if a signal ended it.
   */
  runFailure(exitCode: number | null): string | null {
    if (this.#failuresClaimed === null) {
      return "The run broke off before its end";
    }
    if (this.#titles.passed.length + this.#failed() === 0) {
      return "No test ran";
    }
    if (exitCode !== 0 && this.#failed() === 0) {
      return `AVA ended with ${exitCode} though no test failed`;
    }
    return null;
  }

  /** The last line of a run. A run that failed as a whole counts as one failed test more. */
  summary(exitCode: number | null): string {
    const failed = this.#failed() + (this.runFailure(exitCode) === null ? 0 : 1);
    const skipped = this.#titles.skipped.length + this.#titles.todo.length;
    return `${this.#titles.passed.length} passed, ${failed} failed, ${skipped} skipped`;
  }

  isSuccess(exitCode: number | null): boolean {
    return this.#failed() === 0 && this.runFailure(exitCode) === null;
  }

  /**
   * AVA claims more failures than it lists when tests never came to an end;
   * and it counts planned tests among them.
   */
  #failed(): number {
    const claimed = (this.#failuresClaimed ?? 0) - this.#titles.todo.length;
    return Math.max(this.#titles.failed.length, claimed);
  }
}
