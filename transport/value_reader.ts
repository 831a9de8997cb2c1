import { FrameError } from "./errors.ts";

/** Takes decoded values one by one, and refuses what is not of the form that is asked for. */
export class ValueReader {
  readonly #values: readonly unknown[];
  #position = 0;

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  /** @throws {FrameError} unless the next value is a list. So do the others. */
  list(): ValueReader {
    const value = this.#next();
    return Array.isArray(value) ? new ValueReader(value) : refuse("a list", value);
  }

  /** A non-negative safe integer. */
  uint(): number {
    const value = this.#next();
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? value as number
      : refuse("a non-negative integer", value);
  }

  /** A safe integer from 1 on: terms and indexes of what exists. */
  positive(): number {
    const value = this.#next();
    return Number.isSafeInteger(value) && (value as number) >= 1
      ? value as number
      : refuse("a positive integer", value);
  }

  boolean(): boolean {
    const value = this.#next();
    return typeof value === "boolean" ? value : refuse("a boolean", value);
  }

  /** A string that is not empty. */
  id(): string {
    const value = this.#next();
    return typeof value === "string" && value !== "" ? value : refuse("a member's id", value);
  }

  bytes(): Uint8Array {
    const value = this.#next();
    return value instanceof Uint8Array ? value : refuse("bytes", value);
  }

  /** How many values are left. */
  get left(): number {
    return this.#values.length - this.#position;
  }

  /** @throws {FrameError} if there is more. */
  end(): void {
    if (this.left > 0) {
      throw new FrameError(`${this.left} more values than expected`);
    }
  }

  #next(): unknown {
    if (this.left === 0) {
      throw new FrameError(`fewer values than expected: ${this.#values.length}`);
    }
    const value = this.#values[this.#position];
    this.#position += 1;
    return value;
  }
}

function refuse(wanted: string, value: unknown): never {
  throw new FrameError(`${Array.isArray(value) ? "a list" : typeof value} instead of ${wanted}`);
}
