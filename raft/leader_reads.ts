import type { MemberState } from "./member_state.ts";
import { type PendingRead, type Reader, ReadRounds } from "./read_rounds.ts";
import type { Replication } from "./replication.ts";

/** What decides how a read can be served. */
interface ReadConditions {
  /** Whether an entry of the leader's term is committed. */
  readonly isReadable: boolean;
  /** Whether followers keep to the lease. */
  readonly hasLease: boolean;
}

/** Linearizable reads of one leader, from the members that want them to their confirmation. */
export class LeaderReads {
  readonly #state: MemberState;
  readonly #replication: Replication;
  readonly #rounds = new ReadRounds();
  /** Reads that came before an entry of the term was committed. */
  #early: { readonly from: Reader; readonly ids: readonly number[] }[] = [];
  /** Ticks of this leadership. */
  #now = 0;
  /** When the heartbeats of a round were sent, for the rounds that no quorum has confirmed. */
  #sentAt: { readonly round: number; readonly tick: number }[] = [];
  /** Until when followers elect nobody else: the lease (Raft thesis §6.4.1). */
  #leaseEnd = -1;

  constructor(state: MemberState, replication: Replication) {
    this.#state = state;
    this.#replication = replication;
  }

  /**
   * Whether reads wait for a round and it is time for it: while others wait for
   * the answers to one, more gather, so that there are two rounds a round trip
   * at most, however many reads come.
   */
  get isRoundDue(): boolean {
    return this.#rounds.isWaiting && !this.#rounds.isUnderWay;
  }

  tick(): void {
    this.#now += 1;
  }

  request(from: Reader, ids: readonly number[], conditions: ReadConditions): void {
    const { tuning, log } = this.#state;
    if (!conditions.isReadable) {
      this.#early.push({ from, ids });
    } else if (tuning.leaseReads && conditions.hasLease && this.#now < this.#leaseEnd) {
      this.#confirm({ from, ids, index: log.committedIndex, round: 0 });
    } else {
      this.#rounds.add(from, ids, log.committedIndex);
    }
  }

  /** An entry of the term is committed: what waited for that joins a round. */
  onReadable(): void {
    const early = this.#early;
    this.#early = [];
    for (const { from, ids } of early) {
      this.#rounds.add(from, ids, this.#state.log.committedIndex);
    }
  }

  /** Returns the number that the heartbeats sent now carry. */
  startRound(): number {
    if (this.#state.tuning.leaseReads) {
      // Each round of heartbeats extends the lease, so each needs a number.
      this.#rounds.begin();
      this.#sentAt.push({ round: this.#rounds.round, tick: this.#now });
    }
    this.#rounds.sent();
    return this.#rounds.round;
  }

  /** Confirms what a quorum's responses allow. */
  onConfirmed(): void {
    const round = this.#replication.quorumRound(this.#rounds.round);
    this.#extendLease(round);
    this.#rounds.takeConfirmed(round).forEach((read) => this.#confirm(read));
  }

  /** The leader is none any more: its own reads are told, the others ask again. */
  end(): void {
    const reads = [...this.#early, ...this.#rounds.takeAll()];
    const ids = reads.filter(({ from }) => from.id === this.#state.id).flatMap(({ ids }) => ids);
    if (ids.length > 0) {
      this.#state.emit({ type: "readsDropped", ids, reason: "noLeader" });
    }
  }

  #confirm({ from, ids, index }: PendingRead): void {
    const { id, term } = this.#state;
    if (from.id === id) {
      this.#state.emit({ type: "readsConfirmed", ids, index });
    } else {
      const { id: to, session } = from;
      this.#state.send({ type: "readsConfirmed", to, term, session, ids, index });
    }
  }

  /**
   * Counted from when the heartbeats were sent, not from when they were
   * answered: the followers' timeouts began in between.
   */
  #extendLease(round: number): void {
    const { electionTicks, leaseDriftRatio } = this.#state.tuning;
    while ((this.#sentAt[0]?.round ?? Infinity) <= round) {
      const sent = this.#sentAt.shift();
      this.#leaseEnd = (sent?.tick ?? 0) + Math.floor(electionTicks * (1 - leaseDriftRatio)) - 1;
    }
  }
}
