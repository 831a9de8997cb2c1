import type { Entry, Message, NodeId, RaftTuning, SnapshotMeta } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/** Limits that a core was given; each in data bytes, or in messages. */
export type LimitTuning = Pick<
  RaftTuning,
  | "appendBytesMax"
  | "inflightMessagesMax"
  | "inflightBytesMax"
  | "applyBytesMax"
  | "tailBytesMax"
>;

/** An append that carries entries, on its way to a follower. */
interface Inflight {
  readonly lastIndex: number;
  readonly bytes: number;
}

/** What one leader has on its way to one follower. */
interface Window {
  readonly term: number;
  readonly attempt: number;
  waiting: Inflight[];
}

/** The limits of a core that was given none, as `RaftTuning` states them. */
const DEFAULTS: Required<LimitTuning> = {
  appendBytesMax: 1 << 20,
  inflightMessagesMax: 512,
  inflightBytesMax: 16 << 20,
  applyBytesMax: 1 << 20,
  tailBytesMax: 16 << 20,
};

/**
 * Nothing grows beyond what the tuning allows: an append, an apply, what is on
 * the way to a follower, and what is kept in memory of what was applied. One
 * entry always passes, whatever its size.
 *
 * Data bytes alone are counted. A core that counts something for each entry on
 * top keeps below these limits, and may.
 */
export class Limits implements GroupInvariant {
  readonly name = "limits";
  readonly #limits: Required<LimitTuning>;
  /** By leader and follower. */
  readonly #windows = new Map<NodeId, Map<NodeId, Window>>();
  /** By member: last index that was handed out to be applied. */
  readonly #handedOut = new Map<NodeId, number>();
  /** By member: first index of the entries that its disk has just given it. */
  readonly #read = new Map<NodeId, number>();

  constructor(limits: LimitTuning) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  onStarted({ id, machine }: MemberView): void {
    this.#windows.delete(id);
    this.#handedOut.set(id, machine.state.appliedIndex);
  }

  onRoleChanged({ id, role }: MemberView): void {
    if (role !== "leader") {
      this.#windows.delete(id);
    }
  }

  onRestored({ id }: MemberView, { last }: SnapshotMeta): void {
    this.#handedOut.set(id, last.index);
  }

  onEntriesRead({ id }: MemberView, first: number): void {
    this.#read.set(id, first);
  }

  onReceiving({ id, term }: MemberView, message: Message): void {
    if (message.type === "appendAccepted" && message.term === term) {
      const window = this.#windows.get(id)?.get(message.from);
      if (window !== undefined && window.waiting.length > 0) {
        window.waiting = window.waiting.filter(({ lastIndex }) => lastIndex > message.match);
      }
    }
  }

  onSending(member: MemberView, message: Message): void {
    if (message.type !== "appendRequest" || message.entries.length === 0) {
      return;
    }
    const { entries, to, term, attempt, previous } = message;
    const bytes = this.#assertFits(member, entries, "appendBytesMax");
    this.#assertInTail(member, entries);
    const window = this.#windowOf(member.id, to, { term, attempt });
    // A probe is sent anew; what follows on what was sent goes on beside it.
    if (window.waiting.at(-1)?.lastIndex !== previous.index) {
      window.waiting = [];
    }
    const { inflightMessagesMax, inflightBytesMax } = this.#limits;
    const underWay = window.waiting.reduce((sum, each) => sum + each.bytes, 0);
    expect(
      window.waiting.length < inflightMessagesMax &&
        (window.waiting.length === 0 || underWay < inflightBytesMax),
      this.name,
      () =>
        `${member.id} sends ${to} an append; ${window.waiting.length} of ${underWay} bytes are ` +
        "under way",
    );
    window.waiting.push({ lastIndex: previous.index + entries.length, bytes });
  }

  onApplying(member: MemberView, entries: readonly Entry[]): void {
    this.#assertFits(member, entries, "applyBytesMax");
    this.#handedOut.set(member.id, entries.at(-1)?.index ?? 0);
  }

  #windowOf(
    leader: NodeId,
    follower: NodeId,
    { term, attempt }: Pick<Window, "term" | "attempt">,
  ): Window {
    let windows = this.#windows.get(leader);
    if (windows === undefined) {
      windows = new Map();
      this.#windows.set(leader, windows);
    }
    const window = windows.get(follower);
    if (window?.term === term && window.attempt === attempt) {
      return window;
    }
    const fresh: Window = { term, attempt, waiting: [] };
    windows.set(follower, fresh);
    return fresh;
  }

  /** Returns the bytes of the entries. */
  #assertFits(
    { id }: MemberView,
    entries: readonly Entry[],
    limit: "appendBytesMax" | "applyBytesMax",
  ): number {
    let bytes = 0;
    for (const { data } of entries) {
      bytes += data.length;
    }
    expect(
      entries.length === 1 || bytes <= this.#limits[limit],
      this.name,
      () => `${id} has ${bytes} bytes in ${entries.length} entries, ${limit} is exceeded`,
    );
    return bytes;
  }

  /**
   * What was applied, and is more than may be kept, has to come from the disk. A
   * core need not sort it out while three times as many have to stay.
   */
  #assertInTail({ id, log }: MemberView, [first]: readonly Entry[]): void {
    const read = this.#read.get(id);
    this.#read.delete(id);
    const handedOut = this.#handedOut.get(id) ?? 0;
    if (first === undefined || first.index > handedOut || first.index === read) {
      return;
    }
    const droppable = handedOut - first.index + 1;
    if (log.lastIndex - handedOut > 3 * droppable) {
      return;
    }
    let bytes = 0;
    for (let index = handedOut; index >= first.index; index -= 1) {
      bytes += log.entryAt(index)?.data.length ?? 0;
      expect(
        bytes <= this.#limits.tailBytesMax,
        this.name,
        () =>
          `${id} has entry ${first.index} in memory, and all applied ones after it up to ` +
          `${handedOut}: more than ${this.#limits.tailBytesMax} bytes`,
      );
    }
  }
}
