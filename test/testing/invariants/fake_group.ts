import {
  encodeMembership,
  type Entry,
  type Membership,
  membershipOf,
  type Message,
  type NodeId,
  type Role,
} from "../../../raft/mod.ts";
import type { MemberView } from "../../../testing/invariants/group_invariant.ts";
import { encodeCommand } from "../../../testing/simulation/command.ts";
import { SimulatedDisk } from "../../../testing/simulation/simulated_disk.ts";
import { SimulatedStateMachine } from "../../../testing/simulation/simulated_state_machine.ts";
import { StoredLog } from "../../../testing/simulation/stored_log.ts";

/** A member as invariants see it, of which a test decides everything. */
export class FakeMember implements MemberView {
  readonly id: NodeId;
  isRunning = true;
  role: Role = "follower";
  term = 0;
  membership: Membership;
  membershipBefore?: Membership;
  membershipAfter: Membership | null = null;
  committedIndex = 0;
  readonly log: StoredLog = new StoredLog();
  readonly disk: SimulatedDisk = new SimulatedDisk();
  readonly machine: SimulatedStateMachine = new SimulatedStateMachine();
  /** In what the core's own view differs from all that it has said. */
  delusion: Partial<MemberView["believed"]> = {};

  constructor(id: NodeId, membership: Membership) {
    this.id = id;
    this.membership = membership;
  }

  get believed(): MemberView["believed"] {
    const { log, committedIndex, term, membership } = this;
    return {
      lastIndex: log.lastIndex,
      committedIndex,
      term,
      membership,
      termAt: (index) => log.termAt(index),
      ...this.delusion,
    };
  }

  be(role: Role, term: number): this {
    this.role = role;
    this.term = term;
    return this;
  }

  /** Goes by a membership, as does its core. */
  goBy(membership: Membership): this {
    this.membership = membership;
    return this;
  }

  /** Takes entries into its log, not yet onto its disk. */
  append(...entries: readonly Entry[]): this {
    this.log.append(entries);
    return this;
  }

  /** Takes entries into its log and onto its disk. */
  hold(...entries: readonly Entry[]): this {
    this.append(...entries);
    return this.store(...entries);
  }

  /** Takes entries onto its disk alone. */
  store(...entries: readonly Entry[]): this {
    this.disk.push({ type: "batch", sequence: 0, hardState: null, entries });
    this.disk.crash(1);
    return this;
  }

  /** Makes a term, and a vote in it, durable. */
  promise(term: number, vote: NodeId | null = null): this {
    const hardState = { term, vote, commit: 0 };
    this.disk.push({ type: "batch", sequence: 0, hardState, entries: [] });
    this.disk.crash(1);
    return this;
  }

  commit(index: number): this {
    this.committedIndex = index;
    return this;
  }
}

/** Three voters, and whoever joins them. */
export class FakeGroup {
  readonly a: FakeMember;
  readonly b: FakeMember;
  readonly c: FakeMember;
  readonly members: Map<NodeId, FakeMember> = new Map<NodeId, FakeMember>();

  constructor() {
    this.a = this.join("a");
    this.b = this.join("b");
    this.c = this.join("c");
  }

  join(id: NodeId): FakeMember {
    const member = new FakeMember(id, membershipOf(["a", "b", "c"]));
    this.members.set(id, member);
    return member;
  }
}

/** An entry with a command of its own; `command` tells two of the same place apart. */
export function entry(index: number, term: number, command: number = index): Entry {
  return { index, term, kind: "command", data: encodeCommand(command) };
}

export function noop(index: number, term: number): Entry {
  return { index, term, kind: "noop", data: new Uint8Array() };
}

export function membershipEntry(index: number, term: number, membership: Membership): Entry {
  return { index, term, kind: "membership", data: encodeMembership(membership) };
}

/** Entries from the first index on, one for each term that is named. */
export function entries(first: number, ...terms: readonly number[]): Entry[] {
  return terms.map((term, at) => entry(first + at, term));
}

/** An entry with so many bytes of data, 4 at least. */
export function sized(index: number, term: number, bytes: number): Entry {
  return { index, term, kind: "command", data: encodeCommand(index, bytes) };
}

/** Entries go to a follower, the first of them after `previous`. */
export function appendRequest(
  from: FakeMember,
  to: NodeId,
  taken: readonly Entry[],
  options: { readonly attempt?: number; readonly previous?: number } = {},
): Message {
  const { attempt = 0, previous = (taken[0]?.index ?? 1) - 1 } = options;
  return {
    type: "appendRequest",
    from: from.id,
    to,
    term: from.term,
    attempt,
    previous: { index: previous, term: from.term },
    entries: taken,
    commit: 0,
  };
}

export function vote(
  from: FakeMember,
  to: NodeId,
  term: number,
  options: { readonly isPreVote?: boolean; readonly granted?: boolean } = {},
): Message {
  const { isPreVote = false, granted = true } = options;
  const commit = { index: 0, term: 0 };
  return { type: "voteResponse", from: from.id, to, term, isPreVote, granted, commit };
}

export function candidacy(
  from: FakeMember,
  term: number,
  options: { readonly isPreVote?: boolean } = {},
): Message {
  const { isPreVote = false } = options;
  const nothing = { index: 0, term: 0 };
  return {
    type: "voteRequest",
    from: from.id,
    to: "c",
    term,
    isPreVote,
    last: nothing,
    isTransfer: false,
    commit: nothing,
  };
}

export function acknowledgement(from: FakeMember, term: number, match: number): Message {
  return { type: "appendAccepted", from: from.id, to: "c", term, match, attempt: 0 };
}

export function heartbeatAnswer(from: FakeMember, term: number): Message {
  return { type: "heartbeatResponse", from: from.id, to: "c", term, round: 1 };
}
