import { invariant } from "./errors.ts";
import { type InflightLimits, Inflights } from "./inflights.ts";

/**
 * How a leader sends to a follower.
 *
 * - `probe`: it does not know where the logs part; one append at a time.
 * - `replicate`: it does; appends follow each other without waiting.
 * - `snapshot`: what the follower needs is compacted; nothing but a snapshot helps.
 */
export type ProgressState = "probe" | "replicate" | "snapshot";

export interface ProgressOptions {
  readonly limits: InflightLimits;
  readonly takeAttempt: () => number;
}

/**
 * What a leader knows of one follower.
 *
 * Invariant: match < next. In `replicate`, next runs ahead of what is
 * acknowledged; in `probe`, it is what is tried.
 */
export class Progress {
  /** Highest index that the follower is known to hold durably. */
  match = 0;
  /** Index of the next entry to send. */
  next: number;
  state: ProgressState = "probe";
  /** In `snapshot`: index that the snapshot on the way covers. */
  snapshotIndex = 0;
  /** Number under which sending last began anew. Answers to earlier attempts change no state. */
  attempt: number;
  /** In `probe`: an append is on the way, wait for its answer or for the next heartbeat's. */
  isProbing = false;
  /** Entries for it are being read from the log store, perhaps others than it needs by now. */
  isReading = false;
  /** Heard from since the last check of the quorum. */
  isActive = false;
  /**
   * Life in which it answers that the end of its log may be missing. Until it
   * says otherwise, what it holds counts for nothing.
   */
  suspectLife: number | null = null;
  /**
   * The attempt of when it last said so. What answers an earlier one may come
   * from before the crash, and acknowledge what is lost.
   */
  #firstTrueAttempt = 0;
  /** Newest round of reads that it confirmed. */
  confirmedRound = 0;
  readonly inflights: Inflights;
  readonly #takeAttempt: () => number;

  /** `takeAttempt` numbers the attempts, rising within the term. */
  constructor(next: number, { limits, takeAttempt }: ProgressOptions) {
    this.next = next;
    this.inflights = new Inflights(limits);
    this.#takeAttempt = takeAttempt;
    this.attempt = takeAttempt();
  }

  /** What it holds durably, as far as others may rely on it. */
  get reliableMatch(): number {
    return this.suspectLife === null ? this.match : 0;
  }

  /** Whether an answer to an attempt is from before what is known was lost. */
  isForgotten(attempt: number): boolean {
    return attempt < this.#firstTrueAttempt;
  }

  /** In that life, the end of its log may be missing: what is known of it is void. */
  becomeSuspect(life: number, next: number): void {
    this.suspectLife = life;
    this.match = 0;
    this.next = next;
    this.#reset("probe");
    this.#firstTrueAttempt = this.attempt;
  }

  /** Its log was confirmed. What it acknowledges from now on counts. */
  becomeReliable(): void {
    this.suspectLife = null;
    this.match = 0;
  }

  /** Whether nothing may be sent for now. */
  get isPaused(): boolean {
    const isWaiting = this.state === "probe" ? this.isProbing : this.inflights.isFull;
    return this.state === "snapshot" || this.isReading || isWaiting;
  }

  becomeProbe(): void {
    // After a snapshot that may have arrived, what follows it is tried first.
    this.next = this.state === "snapshot"
      ? Math.max(this.match + 1, this.snapshotIndex + 1)
      : this.match + 1;
    this.#reset("probe");
  }

  becomeReplicate(): void {
    this.next = this.match + 1;
    this.#reset("replicate");
  }

  becomeSnapshot(index: number): void {
    this.#reset("snapshot");
    this.snapshotIndex = index;
  }

  /** Notes that entries up to `lastIndex` were sent. */
  sent(lastIndex: number, bytes: number): void {
    if (this.state === "replicate") {
      this.next = lastIndex + 1;
      this.inflights.add(lastIndex, bytes);
    } else {
      this.isProbing = true;
    }
    this.#assertValid();
  }

  /** Notes an acknowledgement. */
  update(match: number): void {
    this.match = Math.max(this.match, match);
    this.next = Math.max(this.next, match + 1);
    this.inflights.freeTo(match);
    this.#assertValid();
  }

  /**
   * Notes a rejection of the append that followed on `rejected`. `hint` is the
   * highest index at which the logs may agree. Returns false if it is stale.
   */
  maybeDecrease(rejected: number, hint: number): boolean {
    if (this.state === "replicate") {
      // Acknowledged meanwhile: the rejection was overtaken.
      if (rejected <= this.match) {
        return false;
      }
      this.next = this.match + 1;
      this.#assertValid();
      return true;
    }
    if (this.next - 1 !== rejected) {
      return false;
    }
    this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
    this.isProbing = false;
    this.#assertValid();
    return true;
  }

  #reset(state: ProgressState): void {
    this.state = state;
    this.attempt = this.#takeAttempt();
    this.isProbing = false;
    this.snapshotIndex = 0;
    this.inflights.clear();
    this.#assertValid();
  }

  #assertValid(): void {
    invariant(this.match < this.next, "match < next", this.match, this.next);
  }
}
