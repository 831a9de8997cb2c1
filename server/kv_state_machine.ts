import type { Step } from "../mvcc/mod.ts";
import {
  type Clock,
  encodeMembership,
  type Entry,
  type SnapshotMeta,
  type StateMachine,
  type StateMachineSnapshot,
  type StateMachineState,
} from "../raft/mod.ts";
import { StorageFailedError } from "../storage/mod.ts";
import { SnapshotFormatError } from "./snapshot_decoder.ts";
import { encodeStateSnapshot } from "./snapshot_encoder.ts";
import { clearSlot, stageSnapshot } from "./snapshot_staging.ts";
import type { ApplyResult } from "./state/apply_result.ts";
import { membershipOperation } from "./state/membership_record.ts";
import { ReplicatedState } from "./state/replicated_state.ts";
import type { StateSlots } from "./state_slots.ts";

/** What it takes to run the replicated state under Raft. */
export interface KvStateMachineOptions {
  /** On the current slot. */
  readonly state: ReplicatedState;
  readonly slots: StateSlots;
  readonly clock: Clock;
  /** Told when work in the background failed; the member must stop. */
  readonly onFailure: (error: unknown) => void;
}

/** Records handled in one slice of a restore or a compaction: a few milliseconds of work. */
const SLICE_RECORDS = 1_000;

/** Pause between two slices of a compaction, as etcd's. */
const COMPACTION_PAUSE_MS = 10;

/**
 * Applied entries after which the backend is flushed: often enough that the
 * log can be compacted and a restart replays little.
 */
const FLUSH_ENTRIES = 5_000;

/** Drives a `ReplicatedState` as the state machine of a `RaftNode`. */
export class KvStateMachine implements StateMachine<ApplyResult> {
  readonly #options: KvStateMachineOptions;
  // Invariant: durable <= flushed <= applied. Committed to the backend is not
  // enough: the log is compacted up to what its flush has told of.
  #durableIndex = 0;
  /** Up to where a flush was asked for. */
  #flushedIndex = 0;
  #compacting = false;
  #compactionWaiters: (() => void)[] = [];
  /** Settles when nothing more is done to the spare slot. */
  #clearing: Promise<void> = Promise.resolve();
  readonly #end = new AbortController();

  constructor(options: KvStateMachineOptions) {
    this.#options = options;
  }

  async open(): Promise<StateMachineState> {
    const { state, slots } = this.#options;
    // What is read now counts as durable from here on.
    await slots.current.flush();
    await this.#drive(state.restore());
    this.#takeUp();
    // Of a restore that a crash has cut short, or of the state before it.
    this.#clearing = this.#clearSpare();
    const { position: { index, term }, membership } = state;
    return { appliedIndex: index, term, membership };
  }

  apply(entries: readonly Entry[]): readonly ApplyResult[] {
    const { state } = this.#options;
    const results = entries.map((entry) => state.apply(entry));
    this.#maybeFlush();
    this.#maybeCompact();
    return results;
  }

  snapshot(): StateMachineSnapshot {
    const { state, slots } = this.#options;
    const view = slots.current.view();
    return {
      appliedIndex: state.position.index,
      chunks: encodeStateSnapshot(view),
      release: () => view.close(),
    };
  }

  /**
   * Brings the snapshot into the spare slot and builds what belongs in memory
   * beside it, while the state is read as it was. Then one batch makes that slot
   * the current one, and once that is durable reads go over to it, all at once.
   */
  async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { state, slots } = this.#options;
    await this.#clearing;
    try {
      const restored = await this.#stage(meta, chunks);
      slots.exchange(meta.last.index);
      await slots.current.flush();
      state.become(restored);
      this.#takeUp();
    } catch (error) {
      // Raft would take it for a stream that broke off, and ask for another for ever.
      if (error instanceof StorageFailedError) {
        this.#options.onFailure(error);
      }
      throw error;
    } finally {
      // The state before, or what has come of a stream that broke off.
      this.#clearing = this.#clearSpare();
    }
  }

  durableIndex(): number {
    return this.#durableIndex;
  }

  /** Resolves once no applied compaction has records left to drop, and that is durable. */
  async compactionsFinished(): Promise<void> {
    if (this.#options.state.store.unfinishedCompaction !== null) {
      await new Promise<void>((resolve) => this.#compactionWaiters.push(resolve));
    }
    await this.#options.slots.current.flush();
  }

  /** Ends work in the background. What is cut short goes on at the next start. */
  close(): void {
    this.#end.abort(new Error("the state machine was closed"));
  }

  /** Makes the state that a snapshot brings, in the spare slot. */
  async #stage(
    { last, membership }: SnapshotMeta,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<ReplicatedState> {
    const { slots: { spare }, clock } = this.#options;
    await stageSnapshot(spare, chunks, { clock, signal: this.#end.signal });
    spare.write([membershipOperation(encodeMembership(membership))]);
    const restored = new ReplicatedState(spare);
    const { index, term } = restored.position;
    if (index !== last.index || term !== last.term) {
      throw new SnapshotFormatError(
        `it is of entry ${index} of term ${term}, and entry ${last.index} of term ${last.term} was announced`,
      );
    }
    await this.#drive(restored.restore());
    return restored;
  }

  async #clearSpare(): Promise<void> {
    const { slots, clock, onFailure } = this.#options;
    const { signal } = this.#end;
    try {
      await clearSlot(slots.spare, { clock, signal });
    } catch (error) {
      if (!signal.aborted) {
        onFailure(error);
      }
    }
  }

  /** Takes a step to its end, in slices. */
  async #drive(step: Step): Promise<void> {
    while (step.step(SLICE_RECORDS) === "more") {
      await new Promise<void>((resolve) => this.#options.clock.defer(resolve));
      this.#end.signal.throwIfAborted();
    }
  }

  /** Goes on from a state that is durable. */
  #takeUp(): void {
    const { index } = this.#options.state.position;
    this.#durableIndex = index;
    this.#flushedIndex = index;
    this.#maybeCompact();
  }

  #maybeFlush(): void {
    const { state, slots, onFailure } = this.#options;
    const { index } = state.position;
    if (index - this.#flushedIndex < FLUSH_ENTRIES) {
      return;
    }
    this.#flushedIndex = index;
    slots.current.flush().then(() => {
      this.#durableIndex = Math.max(this.#durableIndex, index);
    }, onFailure);
  }

  #maybeCompact(): void {
    if (!this.#compacting && this.#options.state.store.unfinishedCompaction !== null) {
      this.#compacting = true;
      this.#options.clock.defer(() => this.#compactSlice());
    }
  }

  #compactSlice(): void {
    const { state, clock, onFailure } = this.#options;
    if (this.#end.signal.aborted) {
      return;
    }
    try {
      state.store.unfinishedCompaction?.step(SLICE_RECORDS);
    } catch (error) {
      onFailure(error);
      return;
    }
    if (state.store.unfinishedCompaction !== null) {
      clock.setTimer(COMPACTION_PAUSE_MS, () => this.#compactSlice());
      return;
    }
    this.#compacting = false;
    const waiters = this.#compactionWaiters;
    this.#compactionWaiters = [];
    waiters.forEach((resolve) => resolve());
  }
}
