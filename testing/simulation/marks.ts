/**
 * Places that a run should get to, by name, with what they mean. A set of seeds
 * that never gets to one of them does not test what it seems to.
 */
export const MARKS = {
  "leader elected": "an election was won",
  "leader deposed": "a leader learned of a later term, or lost its quorum",
  "leader lost its quorum": "a leader stepped down within its own term",
  "candidate lost": "a candidate gave up within its term",
  "voter restarted in its term": "a member voted, crashed, and came back in the same term",
  "vote lost in a crash": "a vote that was decided was not durable when its member crashed",
  "batch lost in a crash": "a write was under way in a crash and did not survive",
  "batch survived a crash": "a write was under way in a crash and did survive, unacknowledged",
  "entries truncated": "a follower dropped entries for those of another leader",
  "stale storage completion": "a write of entries was done after they were dropped",
  "commit of an earlier term": "an entry of an earlier term was committed with one of the own term",
  "leader commit ahead of own disk": "a leader committed what its own disk did not hold yet",
  "entries read for a follower": "a follower was so far behind that entries came from the disk",
  "entries read to be applied": "entries were read from the disk to be applied",
  "entries were compacted when read": "a read from the disk came too late",
  "snapshot sent": "a follower needed a snapshot",
  "snapshot restored": "a snapshot was restored",
  "snapshot failed": "a snapshot did not arrive",
  "snapshot restored over a conflicting log": "a snapshot replaced entries of another leader",
  "log reset on restart": "a crash came between the state machine's restore and the log's",
  "read confirmed": "a read was served",
  "read forwarded": "a read was confirmed for a follower's client",
  "read waited for the no-op": "a read came to a leader that had not committed in its term",
  "read dropped": "a read was refused or given up",
  "proposal dropped": "a proposal was certainly not taken",
  "proposal unknown": "what became of a proposal was not known",
  "proposal overwritten": "an accepted proposal was replaced by another leader's entry",
  "proposal over the limit": "a proposal was refused since too many bytes were uncommitted",
  "membership changed": "a membership of one step was applied",
  "membership rolled back": "an uncommitted membership entry was truncated",
  "membership refused": "a membership change was refused",
  "joint entered": "a joint configuration was applied",
  "joint left": "a joint configuration was left",
  "joint left by another leader":
    "a joint configuration was left by a leader that did not enter it",
  "joint on restart": "a member restarted in a joint configuration",
  "leader removed": "a leader stepped down since it is no voter any more",
  "learner added": "a learner was added",
  "learner promoted": "a learner became a voter",
  "transfer succeeded": "leadership went to the target of a transfer",
  "transfer aborted": "a transfer was given up",
  "late winner": "an election was won in a term older than one that already had a leader",
  "suspect member confirmed": "a member whose log had been cut was told that it is whole again",
  "elected by all voters with suspects among them":
    "an election was won that took the votes of members whose logs had been cut",
  "acknowledged entry was lost by a damaged member and came back":
    "a committed entry that damage had taken from a member was on its disk again when it was confirmed",
} as const;

export type Mark = keyof typeof MARKS;

/** How often each mark was reached. */
export class MarkCounts {
  readonly #counts = new Map<string, number>();

  hit(mark: Mark): void {
    this.#counts.set(mark, (this.#counts.get(mark) ?? 0) + 1);
  }

  of(mark: Mark): number {
    return this.#counts.get(mark) ?? 0;
  }

  /** All marks with their counts, in the order of `MARKS`. */
  all(): Record<Mark, number> {
    return Object.fromEntries(
      Object.keys(MARKS).map((mark) => [mark, this.of(mark as Mark)]),
    ) as Record<Mark, number>;
  }
}
