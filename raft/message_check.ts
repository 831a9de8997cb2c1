import type { Entry, EntryId } from "./entry.ts";
import type { Message } from "./message.ts";

/**
 * How far a member may be behind the term of a message. A term takes an election
 * timeout at least, so honest ones come to this in centuries; a wrong one would
 * be taken over for good, and what follows it is soon no safe integer any more.
 */
const TERMS_BEHIND_MAX = 2 ** 32;

/** Leaves room for all that may yet follow on a number that came in. */
const COUNT_MAX = Number.MAX_SAFE_INTEGER - 2 ** 48;

/**
 * Whether the numbers of a message can be true to a member in `ownTerm`: safe
 * integers, terms from 1 on that do not exceed the sender's, entries that follow
 * on each other. Whatever fails would stop the member by an invariant; it is
 * dropped instead.
 */
export function isPlausible(message: Message, ownTerm: number): boolean {
  const { term } = message;
  return isCount(term) && term > 0 && term - ownTerm <= TERMS_BEHIND_MAX &&
    hasPlausibleBody(message);
}

function hasPlausibleBody(message: Message): boolean {
  const { term } = message;
  switch (message.type) {
    case "voteRequest":
      return isEntryId(message.last, term) && isEntryId(message.commit, term);
    case "voteResponse":
      return isEntryId(message.commit, Infinity) && isLife(message.suspectLife);
    case "appendRequest":
      return isCount(message.attempt) && isEntryId(message.previous, term) &&
        isCount(message.commit) &&
        followOn(message.previous, message.entries, term);
    case "appendAccepted":
      return isCount(message.attempt) && isCount(message.match) && isLife(message.suspectLife);
    case "appendRejected":
      return isCount(message.attempt) && isCount(message.rejected) &&
        isEntryId(message.hint, term) && isLife(message.suspectLife);
    case "heartbeat":
      return isCount(message.commit) && isCount(message.round);
    case "heartbeatResponse":
      return isCount(message.round) && isLife(message.suspectLife);
    case "logConfirmed":
      return isCount(message.life) && isCount(message.upTo);
    case "proposalForward":
      return isCount(message.session) && isCount(message.sequence);
    case "proposalsAccepted":
      return isCount(message.session) && isEntryId(message.first, term) && message.first.index > 0;
    case "readsConfirmed":
      return isCount(message.session) && isCount(message.index);
    case "snapshotOffer":
      return isEntryId(message.snapshot.last, term) && message.snapshot.last.index > 0;
    case "proposalsRefused":
    case "readForward":
      return isCount(message.session);
    case "timeoutNow":
      return true;
  }
}

function isLife(value: number | undefined): boolean {
  return value === undefined || isCount(value);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= COUNT_MAX;
}

/** An entry of at most that term; index 0 is the log's beginning, of term 0. */
function isEntryId({ term, index }: EntryId, termMax: number): boolean {
  return isCount(index) && isCount(term) && term <= termMax && (term === 0) === (index === 0);
}

function followOn(previous: EntryId, entries: readonly Entry[], termMax: number): boolean {
  let { term, index } = previous;
  for (const entry of entries) {
    if (
      entry.index !== index + 1 || !isCount(entry.term) || entry.term < term || entry.term > termMax
    ) {
      return false;
    }
    ({ term, index } = entry);
  }
  return entries.length === 0 || isCount(index);
}
