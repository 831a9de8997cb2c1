import type { Entry } from "./entry.ts";
import { invariant } from "./errors.ts";
import type { MemberState } from "./member_state.ts";

/**
 * Hands committed entries to the state machine, one batch at a time, reading
 * them from the log store first where the log's tail no longer has them.
 */
export class Applier {
  readonly #state: MemberState;
  #appliedIndex: number;
  #isReading = false;
  #isApplying = false;

  constructor(state: MemberState, appliedIndex: number) {
    this.#state = state;
    this.#appliedIndex = appliedIndex;
  }

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  /** Whether the state machine is at work, or entries for it are being read. */
  get isBusy(): boolean {
    return this.#isApplying || this.#isReading;
  }

  /** Hands out what can be applied. Returns the entries, for the core to look at. */
  maybeApply(): readonly Entry[] {
    const { log, tuning } = this.#state;
    if (this.#isApplying || this.#isReading || !log.hasApplicable) {
      return [];
    }
    const next = log.nextToApply(tuning.applyBytesMax);
    if ("low" in next) {
      this.#isReading = true;
      this.#state.emit({ type: "readEntries", purpose: { type: "apply" }, range: next });
      return [];
    }
    return this.#handOut(next);
  }

  /** Takes entries that were read. A snapshot may have overtaken them. */
  onEntriesRead(entries: readonly Entry[] | null): readonly Entry[] {
    this.#isReading = false;
    if (entries === null || entries[0]?.index !== this.#state.log.applyingIndex + 1) {
      return [];
    }
    return this.#handOut(entries);
  }

  onApplied(index: number): void {
    invariant(this.#isApplying, "an apply is under way", index);
    invariant(index === this.#state.log.applyingIndex, "applied what was handed out", index);
    this.#isApplying = false;
    this.#appliedIndex = index;
  }

  /** A snapshot took the state machine to `index`. */
  restore(index: number): void {
    invariant(!this.#isApplying, "no apply while a snapshot is restored", index);
    this.#appliedIndex = index;
  }

  #handOut(entries: readonly Entry[]): readonly Entry[] {
    const last = entries.at(-1);
    invariant(last !== undefined, "an apply has entries");
    this.#isApplying = true;
    this.#state.log.applyingTo(last.index);
    this.#state.emit({ type: "apply", entries });
    return entries;
  }
}
