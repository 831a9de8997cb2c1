import { type Entry, entryBytes } from "./entry.ts";
import type { NodeId } from "./hard_state.ts";
import type { MemberState } from "./member_state.ts";
import type { AppendAccepted, AppendRejected, HeartbeatResponse } from "./message.ts";
import { Progress } from "./progress.ts";
import { allMembers, isQuorum, jointCommittedIndex } from "./quorum.ts";
import type { RaftEvent } from "./raft_event.ts";
import { SnapshotAttempts } from "./snapshot_attempts.ts";

/** How a leader brings its log to the others: one `Progress` for each. */
export class Replication {
  readonly #state: MemberState;
  readonly #followers = new Map<NodeId, Progress>();
  /**
   * Attempts to send, of all followers: one that comes back in the term in which
   * it was removed answers none of its former life's.
   */
  #attempts = 0;
  readonly #snapshotAttempts: SnapshotAttempts;

  constructor(state: MemberState) {
    this.#state = state;
    this.#snapshotAttempts = new SnapshotAttempts(state.tuning.electionTicks);
    this.#addAndDrop();
  }

  /** Adds and drops followers as the membership says, and begins to send to the new ones. */
  followMembership(): void {
    this.#addAndDrop().forEach((id) => this.sendTo(id));
  }

  /** Whether a member is one of the followers. */
  serves(id: NodeId): boolean {
    return this.#followers.has(id);
  }

  /**
   * Highest index that a follower holds durably; 0 for one that is not known, or
   * whose log has not been confirmed since its end was lost.
   */
  matchOf(id: NodeId): number {
    return this.#followers.get(id)?.reliableMatch ?? 0;
  }

  /** Whether a follower is at most so many entries behind what is committed, as it has said. */
  isCaughtUp(id: NodeId, lagMax: number): boolean {
    const { reliableMatch: match, state } = this.#followers.get(id) ?? { reliableMatch: 0 };
    return match > 0 && state !== "snapshot" && match >= this.#state.log.committedIndex - lagMax;
  }

  /** Whether a follower was heard from since activity was last forgotten. */
  isActive(id: NodeId): boolean {
    return this.#followers.get(id)?.isActive === true;
  }

  /** Whether attempts to make a snapshot have failed too often in a row. */
  get cannotMakeSnapshots(): boolean {
    return this.#snapshotAttempts.isHopeless;
  }

  tick(): void {
    this.#snapshotAttempts.tick();
  }

  /** Whether a quorum was heard from since activity was last forgotten, this member included. */
  hasActiveQuorum(): boolean {
    const { membership, id } = this.#state;
    return isQuorum(membership, (voter) => voter === id || this.isActive(voter));
  }

  /** Begins a new period in which followers must be heard from. */
  forgetActivity(): void {
    for (const progress of this.#followers.values()) {
      progress.isActive = false;
    }
  }

  /** The newest round that a quorum has confirmed, this member with `own`. */
  quorumRound(own: number): number {
    const { membership, id } = this.#state;
    const round = jointCommittedIndex(
      membership,
      (voter) => voter === id ? own : this.#followers.get(voter)?.confirmedRound ?? 0,
    );
    return Math.min(round, own);
  }

  /**
   * Who would lead best next: the active voter with the longest log, `null`
   * without any. Who lacks what is compacted here would not be elected.
   */
  heir(): NodeId | null {
    let best: NodeId | null = null;
    for (const id of this.#state.membership.voters) {
      const { match, suspectLife } = this.#followers.get(id) ?? { match: -1, suspectLife: null };
      const isPossible = this.isActive(id) && suspectLife === null &&
        match >= this.#state.log.marker.index;
      if (isPossible && match > (best === null ? -1 : this.matchOf(best))) {
        best = id;
      }
    }
    return best;
  }

  /** Sends everyone what it lacks, and the commit index. */
  broadcast(): void {
    for (const id of this.#followers.keys()) {
      this.sendTo(id);
    }
  }

  heartbeat(round: number): void {
    const { log, term } = this.#state;
    for (const [to, { match }] of this.#followers) {
      // A follower may hold entries of another leader beyond its match.
      const commit = Math.min(match, log.committedIndex);
      this.#state.send({ type: "heartbeat", to, term, commit, round });
    }
  }

  /** Sends what a follower lacks, as far as it may be sent; an empty append tells the commit index. */
  sendTo(id: NodeId): void {
    const progress = this.#followers.get(id);
    if (progress === undefined || progress.isPaused) {
      return;
    }
    this.#sendNext(id, progress);
    while (!progress.isPaused && progress.next <= this.#state.log.lastIndex) {
      this.#sendNext(id, progress);
    }
  }

  onAccepted({ from, match, attempt, suspectLife }: AppendAccepted): void {
    const progress = this.#followers.get(from);
    if (progress === undefined || match > this.#state.log.lastIndex) {
      return;
    }
    progress.isActive = true;
    this.#followSuspicion(from, progress, suspectLife);
    if (progress.isForgotten(attempt)) {
      return;
    }
    if (suspectLife === undefined && progress.suspectLife !== null) {
      progress.becomeReliable();
    }
    progress.update(match);
    const isFound = progress.state === "probe" && attempt === progress.attempt;
    const isCaughtUp = progress.state === "snapshot" && match >= this.#state.log.marker.index;
    if (isFound || isCaughtUp) {
      progress.becomeReplicate();
    }
    if (progress.next <= this.#state.log.lastIndex) {
      this.sendTo(from);
    }
  }

  onRejected({ from, attempt, rejected, hint, suspectLife }: AppendRejected): void {
    const progress = this.#followers.get(from);
    if (progress === undefined) {
      return;
    }
    progress.isActive = true;
    this.#followSuspicion(from, progress, suspectLife);
    if (attempt !== progress.attempt) {
      return;
    }
    const { log } = this.#state;
    // If the logs can only agree on what is compacted, a snapshot is next.
    const common = log.lastAtMost(hint)?.index ?? Math.min(hint.index, log.marker.index - 1);
    if (progress.maybeDecrease(rejected, common)) {
      if (progress.state === "replicate") {
        progress.becomeProbe();
      }
      this.sendTo(from);
    }
  }

  onHeartbeatResponse({ from, round, suspectLife }: HeartbeatResponse): void {
    const progress = this.#followers.get(from);
    if (progress === undefined) {
      return;
    }
    // Heard, it may be confirmed: a leader that gave up for want of others would
    // leave a group that only all its voters together can get going again.
    progress.isActive = true;
    progress.isProbing = false;
    this.#followSuspicion(from, progress, suspectLife);
    if (progress.suspectLife === null) {
      progress.confirmedRound = Math.max(progress.confirmedRound, round);
    }
    if (progress.state === "replicate" && progress.inflights.isFull) {
      // Acknowledgements may have been lost; a probe finds out.
      progress.becomeProbe();
    }
    // How one stands that is suspect, only its answer to an append tells.
    if (progress.match < this.#state.log.lastIndex || progress.suspectLife !== null) {
      this.sendTo(from);
    }
  }

  /** What was sent may be lost: one append at a time until an answer comes. */
  onUnreachable(id: NodeId): void {
    const progress = this.#followers.get(id);
    if (progress?.state === "replicate") {
      progress.becomeProbe();
    }
  }

  onEntriesRead(to: NodeId, entries: readonly Entry[] | null): void {
    const progress = this.#followers.get(to);
    if (progress === undefined || !progress.isReading) {
      return;
    }
    progress.isReading = false;
    if (entries === null) {
      // Being compacted, which this core is yet to be told. Asking again at once
      // could go on for ever; the next heartbeat's answer does.
      this.onUnreachable(to);
      progress.isProbing = true;
      return;
    }
    // Meanwhile the follower may need others, the log may have been compacted,
    // or even overwritten: the answer may be to a question of an earlier term.
    const last = entries.at(-1);
    if (
      last === undefined || entries[0]?.index !== progress.next ||
      progress.state === "snapshot" || !this.#state.log.holds(last)
    ) {
      this.sendTo(to);
      return;
    }
    this.#sendEntries(to, progress, entries);
    this.sendTo(to);
  }

  onSnapshotReady({ to, snapshot }: RaftEvent & { type: "snapshotReady" }): void {
    const progress = this.#followers.get(to);
    if (progress?.state !== "snapshot") {
      return;
    }
    this.#snapshotAttempts.onMade();
    progress.snapshotIndex = snapshot.last.index;
    this.#state.send({ type: "snapshotOffer", to, term: this.#state.term, snapshot });
    this.#state.emit({ type: "sendSnapshot", to, snapshot });
  }

  onSnapshotSent({ to, succeeded }: RaftEvent & { type: "snapshotSent" }): void {
    const progress = this.#followers.get(to);
    if (progress?.state !== "snapshot") {
      return;
    }
    if (!succeeded && progress.snapshotIndex === 0) {
      this.#snapshotAttempts.onFailed();
    } else if (!succeeded) {
      progress.snapshotIndex = 0;
    }
    progress.becomeProbe();
    // If it arrived, the follower says so; if not, the next heartbeat's answer
    // begins again.
    progress.isProbing = true;
  }

  /**
   * Tells a follower that is suspect in that life, and holds all up to `upTo`,
   * that it is no more. What answers an append of now was sent in that life, or
   * the next one will say so.
   */
  maybeConfirm(
    { from: to, match, attempt, suspectLife: life }: AppendAccepted,
    upTo: number,
  ): void {
    const progress = this.#followers.get(to);
    if (
      life !== undefined && progress?.suspectLife === life && !progress.isForgotten(attempt) &&
      match >= upTo
    ) {
      this.#state.send({ type: "logConfirmed", to, term: this.#state.term, life, upTo });
    }
  }

  /** A follower says that it is suspect, in this life, or says nothing of the sort. */
  #followSuspicion(from: NodeId, progress: Progress, life: number | undefined): void {
    if (life !== undefined && progress.suspectLife !== life) {
      progress.becomeSuspect(life, this.#state.log.lastIndex + 1);
      this.sendTo(from);
    }
  }

  /** Returns who was added. */
  #addAndDrop(): NodeId[] {
    const members = allMembers(this.#state.membership).filter((id) => id !== this.#state.id);
    const added = members.filter((id) => !this.#followers.has(id));
    for (const id of this.#followers.keys()) {
      if (!members.includes(id)) {
        this.#followers.delete(id);
      }
    }
    added.forEach((id) => this.#followers.set(id, this.#newProgress()));
    return added;
  }

  #newProgress(): Progress {
    const { inflightMessagesMax, inflightBytesMax } = this.#state.tuning;
    return new Progress(this.#state.log.lastIndex + 1, {
      limits: { messagesMax: inflightMessagesMax, bytesMax: inflightBytesMax },
      takeAttempt: () => {
        this.#attempts += 1;
        return this.#attempts;
      },
    });
  }

  #sendNext(to: NodeId, progress: Progress): void {
    const { log, tuning } = this.#state;
    const { next } = progress;
    if (log.termAt(next - 1) === null) {
      this.#makeSnapshot(to, progress);
      return;
    }
    if (next > log.lastIndex) {
      this.#sendEntries(to, progress, []);
      return;
    }
    const found = log.slice({
      low: next,
      high: log.lastIndex + 1,
      maxBytes: tuning.appendBytesMax,
    });
    if ("low" in found) {
      progress.isReading = true;
      this.#state.emit({
        type: "readEntries",
        purpose: { type: "replicate", to },
        range: found,
      });
    } else {
      this.#sendEntries(to, progress, found);
    }
  }

  #makeSnapshot(to: NodeId, progress: Progress): void {
    if (this.#snapshotAttempts.isWaiting) {
      // The answer to a later heartbeat tries again.
      this.onUnreachable(to);
      progress.isProbing = true;
      return;
    }
    progress.becomeSnapshot(0);
    this.#state.emit({ type: "makeSnapshot", to });
  }

  #sendEntries(to: NodeId, progress: Progress, entries: readonly Entry[]): void {
    const { log, term } = this.#state;
    const index = progress.next - 1;
    const previousTerm = log.termAt(index);
    if (previousTerm === null) {
      this.#makeSnapshot(to, progress);
      return;
    }
    this.#state.send({
      type: "appendRequest",
      to,
      term,
      attempt: progress.attempt,
      previous: { term: previousTerm, index },
      entries,
      commit: log.committedIndex,
    });
    const last = entries.at(-1);
    if (last !== undefined) {
      const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
      progress.sent(last.index, bytes);
    }
  }
}
