import fc from "fast-check";
import type { Entry, EntryId, Membership, Message } from "../../raft/mod.ts";
import type { Frame } from "../../transport/mod.ts";

/** Frames of any messages that a member may send, with numbers up to the largest ones. */
export function arbitraryFrame(): fc.Arbitrary<Frame> {
  return fc.tuple(fc.maxSafeNat(), id(), id())
    .filter(([, from, to]) => from !== to)
    .chain(([group, from, to]) =>
      fc.record({
        group: fc.constant(group),
        from: fc.constant(from),
        to: fc.constant(to),
        messages: fc.array(arbitraryMessage({ from, to }), { maxLength: 5 }),
      })
    );
}

/** A message of any kind on a given way. */
export function arbitraryMessage(
  route: { readonly from: string; readonly to: string },
): fc.Arbitrary<Message> {
  return fc.oneof(...Object.values(messagesByType(route)));
}

type MessagesByType = {
  readonly [Type in Message["type"]]: fc.Arbitrary<Extract<Message, { readonly type: Type }>>;
};

/** For each type its messages; that none is missing, the compiler sees to. */
export function messagesByType(
  { from, to }: { readonly from: string; readonly to: string },
): MessagesByType {
  const envelope = <Type extends Message["type"]>(type: Type) => ({
    type: fc.constant(type),
    from: fc.constant(from),
    to: fc.constant(to),
    term: positive(),
  });
  return {
    voteRequest: fc.record({
      ...envelope("voteRequest"),
      isPreVote: fc.boolean(),
      last: entryId(),
      isTransfer: fc.boolean(),
      commit: entryId(),
    }),
    voteResponse: fc.record({
      ...envelope("voteResponse"),
      isPreVote: fc.boolean(),
      granted: fc.boolean(),
      commit: entryId(),
    }).chain(perhapsSuspect),
    appendRequest: fc.record({
      ...envelope("appendRequest"),
      attempt: uint(),
      previous: entryId(),
      entries: fc.array(entryBody(), { maxLength: 6 }),
      commit: uint(),
    }).map(({ entries, ...message }) => ({
      ...message,
      entries: entries
        .map((entry, position) => ({ ...entry, index: message.previous.index + 1 + position }))
        .filter(({ index }) => Number.isSafeInteger(index)),
    })),
    appendAccepted: fc.record({ ...envelope("appendAccepted"), attempt: uint(), match: uint() })
      .chain(perhapsSuspect),
    appendRejected: fc.record({
      ...envelope("appendRejected"),
      attempt: uint(),
      rejected: uint(),
      hint: entryId(),
    }).chain(perhapsSuspect),
    heartbeat: fc.record({ ...envelope("heartbeat"), commit: uint(), round: uint() }),
    heartbeatResponse: fc.record({ ...envelope("heartbeatResponse"), round: uint() })
      .chain(perhapsSuspect),
    logConfirmed: fc.record({ ...envelope("logConfirmed"), life: uint(), upTo: uint() }),
    timeoutNow: fc.record(envelope("timeoutNow")),
    proposalForward: fc.record({
      ...envelope("proposalForward"),
      session: uint(),
      sequence: uint(),
      proposals: fc.array(fc.record({ id: uint(), data: data() }), { maxLength: 6 }),
    }),
    proposalsAccepted: fc.record({
      ...envelope("proposalsAccepted"),
      session: uint(),
      ids: uints(),
      first: entryId(),
    }),
    proposalsRefused: fc.record({
      ...envelope("proposalsRefused"),
      session: uint(),
      ids: uints(),
      reason: fc.constantFrom(
        "noLeader" as const,
        "uncommittedLimit" as const,
        "transferring" as const,
        "removed" as const,
      ),
    }),
    readForward: fc.record({ ...envelope("readForward"), session: uint(), ids: uints() }),
    readsConfirmed: fc.record({
      ...envelope("readsConfirmed"),
      session: uint(),
      ids: uints(),
      index: uint(),
    }),
    snapshotOffer: fc.record({
      ...envelope("snapshotOffer"),
      snapshot: fc.record({ last: entryId(), membership: membership() }),
    }),
  };
}

/** An answer, of a member that is suspect or not. */
function perhapsSuspect<Answer extends object>(
  answer: Answer,
): fc.Arbitrary<Answer & { suspectLife?: number }> {
  return fc.oneof(fc.constant(answer), uint().map((suspectLife) => ({ ...answer, suspectLife })));
}

/** Numbers at the edges of MessagePack's forms, and any others. */
function uint(): fc.Arbitrary<number> {
  const edges = [
    0,
    127,
    128,
    255,
    256,
    65535,
    65536,
    2 ** 32 - 1,
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
  ];
  return fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());
}

function positive(): fc.Arbitrary<number> {
  return uint().map((value) => Math.max(1, value));
}

function uints(): fc.Arbitrary<number[]> {
  // Lists of 16 and of 65536 have a longer head; the second comes in a test of its own.
  return fc.array(uint(), { maxLength: 20 });
}

function entryId(): fc.Arbitrary<EntryId> {
  return fc.record({ term: uint(), index: uint() });
}

function entryBody(): fc.Arbitrary<Omit<Entry, "index">> {
  return fc.record({
    term: positive(),
    kind: fc.constantFrom("command", "noop", "membership"),
    data: data(),
  });
}

function data(): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom(255, 256, 65535, 65536).map((length) => new Uint8Array(length).fill(0xc1)),
  );
}

function membership(): fc.Arbitrary<Membership> {
  const ids = fc.array(id(), { maxLength: 20 });
  return fc.record({ voters: ids, learners: ids, votersOutgoing: ids, learnersNext: ids });
}

/** Ids: short and long, of any script, and with what decoders like to swallow. */
function id(): fc.Arbitrary<string> {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 })
    .filter((value) => new TextEncoder().encode(value).length <= 200);
  const awkward = [
    "\ufeff",
    "\ufeffa",
    "__proto__",
    "\0",
    "x".repeat(31),
    "x".repeat(32),
    "\u00e9".repeat(100),
  ];
  return fc.oneof(text, fc.constantFrom(...awkward));
}
