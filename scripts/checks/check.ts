/** One of the things that `npm run check` looks at. It changes nothing. */
export interface Check {
  /** Names it on the command line. */
  readonly name: string;
  /** What holds when it passes, as a sentence. */
  readonly rule: string;
  /** Resolves with what is wrong, empty when all is well. */
  run(): Promise<readonly string[]>;
}
