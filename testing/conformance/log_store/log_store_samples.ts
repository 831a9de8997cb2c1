import {
  encodeMembership,
  type Entry,
  type HardState,
  type Membership,
  membershipOf,
} from "../../../raft/mod.ts";

/** A membership with somebody in each part. */
export const SAMPLE_MEMBERSHIP: Membership = {
  voters: ["a", "b", "\u00e9\u4e2d"],
  learners: ["d"],
  votersOutgoing: ["a", "c"],
  learnersNext: ["c"],
};

export function hardStateOf(term: number): HardState {
  return { term, vote: `voted for in ${term}`, commit: term * 2 };
}

/** A command whose data tell its index and term. */
export function commandAt(index: number, term = 1, lengthBytes = 20): Entry {
  const data = new Uint8Array(lengthBytes).fill(index * 7 + term * 31);
  return { term, index, kind: "command", data };
}

export function noopAt(index: number, term = 1): Entry {
  return { term, index, kind: "noop", data: new Uint8Array() };
}

export function membershipAt(index: number, term = 1): Entry {
  const data = encodeMembership(membershipOf([`n${index}`, `t${term}`]));
  return { term, index, kind: "membership", data };
}

/** Commands from one index to another, both included. */
export function commands(first: number, last: number, term = 1): Entry[] {
  return Array.from({ length: last - first + 1 }, (_, offset) => commandAt(first + offset, term));
}
