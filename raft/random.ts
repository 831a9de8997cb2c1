/** Chance, passed in so that a seed can replay it. `Math` satisfies it. */
export interface Random {
  /** The next number in `[0, 1)`. */
  random(): number;
}
