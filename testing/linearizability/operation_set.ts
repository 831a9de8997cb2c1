/** A set of operations by number, that can be compared with another one by a text. */
export class OperationSet {
  readonly #words: Uint32Array;
  /** Words from here on are not all ones: those before it need no mention. */
  #low = 0;
  /** Words from here on are zero. */
  #high = 0;

  constructor(size: number) {
    this.#words = new Uint32Array(Math.ceil(size / 32) + 1);
  }

  /** The same text for the same set. Short while the numbers were added more or less in order. */
  get key(): string {
    const words = this.#words.subarray(this.#low, this.#high);
    return `${this.#low}:${words.join()}`;
  }

  add(number: number): void {
    const word = number >>> 5;
    this.#set(word, this.#at(word) | (1 << (number & 31)));
  }

  delete(number: number): void {
    const word = number >>> 5;
    this.#set(word, this.#at(word) & ~(1 << (number & 31)));
  }

  #set(word: number, bits: number): void {
    this.#words[word] = bits;
    this.#low = Math.min(this.#low, word);
    while (this.#at(this.#low) === 0xffffffff) {
      this.#low += 1;
    }
    this.#high = Math.max(this.#high, word + 1);
    while (this.#high > 0 && this.#at(this.#high - 1) === 0) {
      this.#high -= 1;
    }
  }

  #at(word: number): number {
    return this.#words[word] ?? 0;
  }
}
