import {
  type AppendBatch,
  CompactedError,
  type CompactionMarker,
  type EntryRange,
  type LogState,
} from "../../raft/mod.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { MemberMarks } from "../simulation/member_marks.ts";
import { pointsOfPersist, pointsOfWrites } from "../simulation/reached_crash_points.ts";
import type { DiskWrite } from "../simulation/simulated_disk.ts";
import type { StoredLog } from "../simulation/stored_log.ts";
import { ViolationError } from "../violation.ts";
import { diskErrorOf } from "./disk_error_of.ts";
import type { FailureWatch } from "./failure_watch.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { FullStackWorld } from "./full_stack_world.ts";
import { assertRecovered } from "./recovered_log.ts";
import type { LogListener } from "./observed_log_store.ts";
import type { StatusWatch } from "./status_watch.ts";

/** Reads of a log within one event of which a member makes a few. */
const ASKED_MAX = 1_000;

/** A member whose log and disk are kept as its log store has them. */
export interface LogMember
  extends MemberView, Pick<FullStackMember, "node" | "lostPower" | "reach"> {
  log: StoredLog;
}

/** What a watch needs of the simulation around it. */
export type LogWorld = Pick<
  FullStackWorld,
  "executor" | "invariants" | "marks" | "diskMarks" | "fail" | "times"
>;

export interface LogWatchOptions {
  readonly memberMarks: MemberMarks;
  readonly status: Pick<StatusWatch, "poll">;
  readonly failures: Pick<FailureWatch, "onChanging" | "onChanged" | "onRejected">;
}

/** Follows what the node of a member asks of its log store, and holds it against what it may ask. */
export class LogWatch implements LogListener {
  readonly #member: LogMember;
  readonly #world: LogWorld;
  readonly #options: LogWatchOptions;
  /** Whether the log had to cut a half-written end, since it was last opened. */
  #isCut = false;
  /** Whether the last change of it has failed. */
  #hasFailed = false;
  /** The last append that was done: the last entry of it, and the event in which it was. */
  #completed = { lastIndex: 0, event: -1 };
  /** Reads of the log within one event. */
  #asked = 0;
  #askedAt = 0;

  constructor(member: LogMember, world: LogWorld, options: LogWatchOptions) {
    this.#member = member;
    this.#world = world;
    this.#options = options;
  }

  /** The log had to cut a half-written end. */
  onRepaired(): void {
    this.#isCut = true;
    this.#world.diskMarks.hit("torn end cut");
  }

  onLogOpened(state: LogState): void {
    const { marks, diskMarks } = this.#world;
    const { id, disk, lostPower } = this.#member;
    const hadVote = disk.waiting.some((write) =>
      write.type === "batch" && write.hardState?.vote != null
    );
    const fate = assertRecovered(id, disk, { opened: state, isCut: this.#isCut });
    this.#isCut = false;
    if (fate === "damaged") {
      diskMarks.hit("durable batch damaged");
    } else if (fate === "lost") {
      marks.hit("batch lost in a crash");
      if (hadVote) {
        marks.hit("vote lost in a crash");
      }
    } else if (fate === "survived") {
      marks.hit("batch survived a crash");
      if (lostPower) {
        diskMarks.hit("write survived a power cut");
      }
    }
    if (this.#hasFailed && (fate === "lost" || fate === "survived")) {
      diskMarks.hit(fate === "lost" ? "failed write lost" : "failed write survived");
    }
    this.#hasFailed = false;
    this.#member.log = disk.log.copy();
  }

  onAppend(batch: AppendBatch): void {
    this.#options.failures.onChanging();
    const { entries } = batch;
    const { log, disk } = this.#member;
    const lastBefore = log.lastIndex;
    if ((entries[0]?.index ?? Infinity) <= lastBefore) {
      this.#onTruncating(batch);
    }
    disk.push(writeOf(batch));
    disk.start({ merges: false });
    log.append(entries);
    this.#world.invariants.onAppended(this.#asOfNow, entries, lastBefore);
    this.#options.status.poll(entries);
    this.#member.reach(pointsOfPersist(batch));
  }

  onAppended(batch: AppendBatch): void {
    this.#options.failures.onChanged();
    this.#member.disk.finish();
    this.#completed = {
      lastIndex: batch.entries.at(-1)?.index ?? 0,
      event: this.#world.executor.events,
    };
    this.#member.reach(pointsOfWrites([writeOf(batch)]));
  }

  onCompact(marker: CompactionMarker): void {
    this.#options.failures.onChanging();
    const { log, disk, membership, node } = this.#member;
    const { index, term } = marker;
    if (index <= log.marker.index) {
      return;
    }
    if (log.termAt(index) === term) {
      disk.push({ type: "compact", marker });
      log.compact(marker);
    } else {
      if (node === null) {
        this.#world.marks.hit("log reset on restart");
      }
      const known = marker.membership ?? membership;
      disk.push({ type: "reset", snapshot: { last: { term, index }, membership: known } });
      log.reset(marker);
    }
    disk.start({ merges: false });
  }

  onCompacted(): void {
    this.#options.failures.onChanged();
    const written = this.#member.disk.finish();
    this.#member.reach(pointsOfWrites(written.filter(({ type }) => type === "reset")));
  }

  onChangeFailed(): void {
    this.#hasFailed = true;
    this.#options.failures.onRejected();
  }

  /**
   * Notes a read of the log. One that is answered without any I/O and asked for
   * again at once, for ever, would keep all else from happening.
   */
  mayAsk({ low }: EntryRange): boolean {
    const member = this.#member;
    const isNext = low === member.machine.state.appliedIndex + 1;
    this.#world.marks.hit(
      isNext && low <= member.believed.committedIndex
        ? "entries read to be applied"
        : "entries read for a follower",
    );
    const { events } = this.#world.executor;
    this.#asked = events === this.#askedAt ? this.#asked + 1 : 1;
    this.#askedAt = events;
    const may = this.#asked <= ASKED_MAX;
    if (!may) {
      const description = `${member.id} asks its log for entries ${this.#asked} times in one turn`;
      this.#world.fail(new ViolationError("busy loop", description));
    }
    return may;
  }

  readWaitUs(): number {
    return this.#world.times.readWaitUs();
  }

  sleep(us: number): Promise<void> {
    return this.#world.executor.sleep(us);
  }

  onReadFailed(error: unknown): void {
    if (error instanceof CompactedError) {
      this.#world.marks.hit("entries were compacted when read");
    } else if (diskErrorOf(error) !== null) {
      this.#world.diskMarks.hit("log unreadable");
    }
  }

  #onTruncating({ entries }: AppendBatch): void {
    const { executor, invariants, marks } = this.#world;
    const member = this.#member;
    const first = entries[0]?.index ?? 0;
    this.#options.memberMarks.onAppending(member.log, entries);
    // What begins as soon as another write is done has waited for it.
    const { lastIndex, event } = this.#completed;
    if (first <= lastIndex && event === executor.events) {
      marks.hit("stale storage completion");
    }
    const status = member.node?.status();
    if (status?.role === "leader") {
      invariants.onTruncating(member, first, status);
    }
  }

  /** The member with the role and the term that its node has at this moment. */
  get #asOfNow(): MemberView {
    const { id, membership, committedIndex, log, disk, machine, believed, node } = this.#member;
    const role = node?.status().role ?? "follower";
    const { term } = believed;
    return {
      id,
      isRunning: true,
      role,
      term,
      membership,
      committedIndex,
      log,
      disk,
      machine,
      believed,
    };
  }
}

function writeOf({ hardState, entries }: AppendBatch): DiskWrite {
  return { type: "batch", sequence: 0, hardState, entries };
}
