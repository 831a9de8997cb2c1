import type { InvariantSuite } from "../invariants/invariant_suite.ts";

/** What a client knows of its command. */
export type CommandOutcome = "pending" | "acknowledged" | "dropped" | "unknown";

/** What became of a wish for another membership. Whether a proposed one is committed, the log tells. */
export type ChangeOutcome = "pending" | "refused" | "proposed" | "abandoned";

/**
 * What clients asked for and what they were told. Commands and reads are named
 * by numbers that are never used twice. An unknown outcome stays unknown here:
 * only the log tells.
 */
export class ClientLedger {
  readonly #invariants: InvariantSuite;
  readonly #outcomes = new Map<number, CommandOutcome>();
  readonly #changes = new Map<number, ChangeOutcome>();
  #nextId = 1;
  #acknowledged = 0;
  #served = 0;

  constructor(invariants: InvariantSuite) {
    this.#invariants = invariants;
  }

  /** Commands that were acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Reads that were served. */
  get served(): number {
    return this.#served;
  }

  /** The next number that a request gets. */
  get nextId(): number {
    return this.#nextId;
  }

  outcomeOf(command: number): CommandOutcome | undefined {
    return this.#outcomes.get(command);
  }

  takeId(): number {
    this.#nextId += 1;
    return this.#nextId - 1;
  }

  onProposed(command: number): void {
    this.#outcomes.set(command, "pending");
  }

  onAcknowledged(command: number, index: number): void {
    this.#outcomes.set(command, "acknowledged");
    this.#acknowledged += 1;
    this.#invariants.onAcknowledged(command, index);
  }

  onDropped(command: number): void {
    this.#outcomes.set(command, "dropped");
    this.#invariants.onDropped(command);
  }

  onUnknown(command: number): void {
    this.#outcomes.set(command, "unknown");
  }

  onReadBegun(read: number): void {
    this.#invariants.onReadBegun(read);
  }

  onReadConfirmed(read: number, index: number): void {
    this.#invariants.onReadConfirmed(read, index);
  }

  onReadServed(read: number, index: number): void {
    this.#served += 1;
    this.#invariants.onReadServed(read, index);
  }

  onReadDropped(read: number): void {
    this.#invariants.onReadDropped(read);
  }

  onChangeRequested(id: number): void {
    this.#changes.set(id, "pending");
  }

  onChangeAnswered(id: number, outcome: ChangeOutcome): void {
    this.#changes.set(id, outcome);
  }

  changeOf(id: number): ChangeOutcome | undefined {
    return this.#changes.get(id);
  }
}
