import { expect } from "../violation.ts";
import type { GroupInvariant } from "./group_invariant.ts";

/**
 * A read sees every write that was acknowledged, and everything that another
 * read saw, before it began; and it is served only once it was confirmed, from a
 * state that has applied what it was confirmed at (Raft thesis §6.4).
 */
export class LinearizableReads implements GroupInvariant {
  readonly name = "linearizable reads";
  /** Highest index that some client knows to be written or read. */
  #known = 0;
  /** What each read that is under way must see at least. */
  readonly #floors = new Map<number, number>();
  /** What the state must have applied that each confirmed read is served from. */
  readonly #confirmed = new Map<number, number>();

  onAcknowledged(_command: number, index: number): void {
    this.#known = Math.max(this.#known, index);
  }

  onReadBegun(read: number): void {
    this.#floors.set(read, this.#known);
  }

  onReadConfirmed(read: number, index: number): void {
    const floor = this.#floors.get(read) ?? 0;
    expect(
      index >= floor,
      this.name,
      () => `read ${read} is confirmed at ${index}; ${floor} was known when it began`,
    );
    this.#confirmed.set(read, index);
  }

  onReadServed(read: number, index: number): void {
    const confirmed = this.#confirmed.get(read);
    expect(
      confirmed !== undefined && index >= confirmed,
      this.name,
      () => `read ${read} is served from a state of ${index}; it is confirmed at ${confirmed}`,
    );
    this.#forget(read);
    this.#known = Math.max(this.#known, index);
  }

  onReadDropped(read: number): void {
    this.#forget(read);
  }

  #forget(read: number): void {
    this.#floors.delete(read);
    this.#confirmed.delete(read);
  }
}
