import type { Entry, Message, NodeId, SnapshotMeta } from "../../../raft/mod.ts";

interface Route {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** A message of each kind, by kind; that none is missing, the compiler sees to. */
export function sampleMessages(route: Route): Readonly<Record<Message["type"], Message>> {
  const envelope = { ...route, term: 7 };
  const previous = { term: 6, index: 2 ** 40 };
  return {
    voteRequest: {
      ...envelope,
      type: "voteRequest",
      isPreVote: true,
      last: previous,
      isTransfer: true,
      commit: { term: 5, index: 2 ** 16 },
    },
    voteResponse: {
      ...envelope,
      type: "voteResponse",
      isPreVote: true,
      granted: true,
      commit: { term: 5, index: 2 ** 8 },
    },
    appendRequest: append(route, [Uint8Array.of(0, 127, 128, 255), new Uint8Array(0)], 2 ** 40),
    appendAccepted: {
      ...envelope,
      type: "appendAccepted",
      attempt: 3,
      match: Number.MAX_SAFE_INTEGER,
    },
    appendRejected: {
      ...envelope,
      type: "appendRejected",
      attempt: 3,
      rejected: 300,
      hint: previous,
    },
    heartbeat: { ...envelope, type: "heartbeat", commit: 65_536, round: 2 ** 32 },
    heartbeatResponse: {
      ...envelope,
      type: "heartbeatResponse",
      round: 255,
      suspectLife: 2 ** 32 - 1,
    },
    logConfirmed: { ...envelope, type: "logConfirmed", life: 2 ** 31, upTo: 2 ** 40 },
    timeoutNow: { ...envelope, type: "timeoutNow" },
    proposalForward: {
      ...envelope,
      type: "proposalForward",
      session: 2 ** 31,
      sequence: 3,
      proposals: [
        { id: 1, data: Uint8Array.of(1, 2, 3) },
        { id: 2, data: new Uint8Array(0) },
      ],
    },
    proposalsAccepted: {
      ...envelope,
      type: "proposalsAccepted",
      session: 2 ** 31,
      ids: [1, 2],
      first: previous,
    },
    proposalsRefused: {
      ...envelope,
      type: "proposalsRefused",
      session: 2 ** 31,
      ids: [3],
      reason: "transferring",
    },
    readForward: { ...envelope, type: "readForward", session: 2 ** 31, ids: [4, 5, 2 ** 33] },
    readsConfirmed: { ...envelope, type: "readsConfirmed", session: 2 ** 31, ids: [], index: 12 },
    snapshotOffer: { ...envelope, type: "snapshotOffer", snapshot: snapshotMeta(9) },
  };
}

/** A heartbeat that its round tells from others. */
export function heartbeat({ from, to, round }: Route & { readonly round: number }): Message {
  return { type: "heartbeat", from, to, term: 1, commit: 0, round };
}

/** An append of commands, which its previous index tells from others. */
export function append(
  { from, to }: Route,
  commands: readonly Uint8Array[],
  previousIndex: number,
): Message & { readonly type: "appendRequest" } {
  return {
    type: "appendRequest",
    attempt: 3,
    from,
    to,
    term: 7,
    previous: { term: 6, index: previousIndex },
    commit: previousIndex,
    entries: commands.map((data, position): Entry => ({
      term: 7,
      index: previousIndex + 1 + position,
      kind: "command",
      data,
    })),
  };
}

/** A snapshot's description, with a joint membership so that no list is empty. */
export function snapshotMeta(index: number): SnapshotMeta {
  return {
    last: { term: 7, index },
    membership: {
      voters: ["a", "b"],
      learners: ["d"],
      votersOutgoing: ["a", "c"],
      learnersNext: ["c"],
    },
  };
}
