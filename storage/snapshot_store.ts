import type { EntryId, SnapshotMeta } from "../raft/mod.ts";

/** How a snapshot is published. */
export interface PublishOptions {
  /**
   * Gives the publish up, also while it waits for the next chunk. From the
   * moment on in which the snapshot gets its place it is too late.
   */
  readonly signal?: AbortSignal;
}

/** A snapshot that is being read. */
export interface OpenSnapshot {
  readonly meta: SnapshotMeta;

  /**
   * Last entries of newer snapshots that are damaged, newest first. If there
   * are any, what was built on them is lost: the reader goes on only if its log
   * still begins at or before the entry after `meta.last`.
   */
  readonly passedOver: readonly EntryId[];

  /**
   * The state, in pieces that need not be those which were published. Read
   * once, by one reader, who owns the bytes. A piece comes only once it has
   * checked, and the end only once the whole has. The store reads on when the
   * next piece is asked for. It is returned from (`return()`) when no more of
   * it is wanted.
   *
   * @throws {SnapshotCorruptError} if it was damaged after it was opened. What
   * came before is right, but not all; open the newest one again.
   */
  readonly chunks: AsyncIterable<Uint8Array>;

  /** Ends reading. Needed only where `chunks` was neither read to its end nor returned from. */
  close(): Promise<void>;
}

/**
 * Snapshots of one member's state. Its one user is a state machine that lives
 * in memory and writes its state down from time to time, so that the log before
 * can be compacted; the raft driver does not know of it.
 *
 * Calls may overlap. Publishes and purges are done one after the other, in the
 * order of the calls; reading goes on beside them, and a snapshot that is being
 * read can be read to its end even if it is purged meanwhile.
 *
 * If a call rejects with `StorageFailedError`, what the storage holds is no
 * longer known, and all later calls reject with it. Any other rejection leaves
 * everything as it was before the call.
 */
export interface SnapshotStore {
  /** Removes what a crash left half done. Called once, before anything else. */
  open(): Promise<void>;

  /**
   * Publishes a snapshot of the state after `meta.last`, whole or not at all:
   * until then, and after a crash before then, readers see the ones before.
   * Resolves once it would survive a power cut. One that is already there for
   * the same entry is replaced, one that is older than others is kept beside them.
   *
   * Rejects with the error of `chunks` or the reason of the signal if these end
   * it. Whenever it ends early, `chunks` is returned from, without waiting.
   *
   * @param chunks the state, in pieces of any size. The store asks for the next
   * one when it has done with the one before, whose bytes are then the caller's again.
   */
  publish(
    meta: SnapshotMeta,
    chunks: AsyncIterable<Uint8Array>,
    options?: PublishOptions,
  ): Promise<void>;

  /** What is there, newest first, without those that are known to be damaged. */
  list(): Promise<SnapshotMeta[]>;

  /**
   * Opens the newest snapshot that is good, after it has been checked whole;
   * `null` if there is none at all.
   *
   * @throws {NoUsableSnapshotError} if all are damaged.
   */
  openNewest(): Promise<OpenSnapshot | null>;

  /**
   * Removes all but the newest `keep` good ones, of which it is at least one.
   * Damaged ones do not count, and go once there is a newer one; until then
   * readers have to be told of them. Resolves once a power cut would bring
   * nothing back.
   */
  purge(keep: number): Promise<void>;

  /** Ends all use. Publishes and purges under way are finished first; reading is cut off. */
  close(): Promise<void>;
}
