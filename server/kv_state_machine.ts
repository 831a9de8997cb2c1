import {
  type Clock,
  type Entry,
  invariant,
  type SnapshotMeta,
  type StateMachine,
  type StateMachineSnapshot,
  type StateMachineState,
} from "../raft/mod.ts";
import type { Backend } from "../storage/mod.ts";
import type { ApplyResult } from "./state/apply_result.ts";
import type { ReplicatedState } from "./state/replicated_state.ts";
import { encodeStateSnapshot, restoreStateSnapshot } from "./state_snapshot.ts";

/** What it takes to run the replicated state under Raft. */
export interface KvStateMachineOptions {
  readonly state: ReplicatedState;
  readonly backend: Backend;
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
  #closed = false;

  constructor(options: KvStateMachineOptions) {
    this.#options = options;
  }

  async open(): Promise<StateMachineState> {
    // What is read now counts as durable from here on.
    await this.#options.backend.flush();
    await this.#takeUp();
    const { position: { index, term }, membership } = this.#options.state;
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
    const { state, backend } = this.#options;
    const view = backend.view();
    return {
      appliedIndex: state.position.index,
      chunks: encodeStateSnapshot(view),
      release: () => view.close(),
    };
  }

  async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { state, backend } = this.#options;
    await restoreStateSnapshot(backend, chunks, meta);
    await this.#takeUp();
    invariant(
      state.position.index === meta.last.index,
      "a snapshot holds what it was announced with",
      state.position.index,
      meta.last.index,
    );
  }

  durableIndex(): number {
    return this.#durableIndex;
  }

  /** Resolves once no applied compaction has records left to drop, and that is durable. */
  async compactionsFinished(): Promise<void> {
    if (this.#options.state.store.unfinishedCompaction !== null) {
      await new Promise<void>((resolve) => this.#compactionWaiters.push(resolve));
    }
    await this.#options.backend.flush();
  }

  /** Ends work in the background. A compaction that is cut short goes on at the next start. */
  close(): void {
    this.#closed = true;
  }

  /** Builds what is in memory from what the backend holds. */
  async #takeUp(): Promise<void> {
    const { state, clock } = this.#options;
    const step = state.restore();
    while (step.step(SLICE_RECORDS) === "more") {
      await new Promise<void>((resolve) => clock.defer(resolve));
    }
    this.#durableIndex = state.position.index;
    this.#flushedIndex = state.position.index;
    this.#maybeCompact();
  }

  #maybeFlush(): void {
    const { state, backend, onFailure } = this.#options;
    const { index } = state.position;
    if (index - this.#flushedIndex < FLUSH_ENTRIES) {
      return;
    }
    this.#flushedIndex = index;
    backend.flush().then(() => {
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
    if (this.#closed) {
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
