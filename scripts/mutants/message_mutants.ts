import type { Mutant } from "./mutant.ts";

/** Messages that cannot be true, and are believed. */
export const MESSAGE_MUTANTS: readonly Mutant[] = [
  {
    id: "vote-request-unchecked",
    bug: "the numbers of a vote request are not checked",
    file: "raft/message_check.ts",
    find: "return isEntryId(message.last, term) && isEntryId(message.commit, term);",
    replace: "return isCount(message.commit.index);",
  },
  {
    id: "vote-response-unchecked",
    bug: "the numbers of a vote response are not checked",
    file: "raft/message_check.ts",
    find: "return isEntryId(message.commit, Infinity) && isLife(message.suspectLife);",
    replace: "return isLife(message.suspectLife);",
  },
  {
    id: "falling-terms-taken",
    bug: "entries whose terms fall are taken",
    file: "raft/message_check.ts",
    find: "!isCount(entry.term) || entry.term < term || entry.term > termMax",
    replace: "!isCount(entry.term) || entry.term < 0 * term || entry.term > termMax",
  },
  {
    id: "entry-of-no-term-taken",
    bug: "an entry of term 0 is taken for one",
    file: "raft/message_check.ts",
    find: " && (term === 0) === (index === 0);",
    replace: ";",
  },
  {
    id: "snapshot-of-nothing-taken",
    bug: "a snapshot that covers nothing is taken",
    file: "raft/message_check.ts",
    find: "isEntryId(message.snapshot.last, term) && message.snapshot.last.index > 0;",
    replace: "isEntryId(message.snapshot.last, term);",
  },
  {
    id: "forward-unchecked",
    bug: "the numbers of forwarded proposals are not checked",
    file: "raft/message_check.ts",
    find: "return isCount(message.session) && isCount(message.sequence);",
    replace: "return message.session !== null;",
  },
  {
    id: "confirmed-read-unchecked",
    bug: "the index of a confirmed read is not checked",
    file: "raft/message_check.ts",
    find: "return isCount(message.session) && isCount(message.index);",
    replace: "return isCount(message.session);",
  },
  {
    id: "acceptance-unchecked",
    bug: "the place of accepted proposals is not checked",
    file: "raft/message_check.ts",
    find:
      "return isCount(message.session) && isEntryId(message.first, term) && message.first.index > 0;",
    replace: "return isCount(message.session);",
  },
  {
    id: "attempt-unchecked",
    bug: "the attempt of an append is not checked",
    file: "raft/message_check.ts",
    find: "return isCount(message.attempt) && isEntryId(message.previous, term) &&",
    replace: "return isEntryId(message.previous, term) &&",
  },
];
