import test from "ava";
import {
  INITIAL_HARD_STATE,
  membershipOf,
  RaftCore,
  type RaftEffect,
  type RaftEvent,
  type SnapshotMeta,
  WHOLE_LOG,
} from "../../raft/mod.ts";

const MEMBERSHIP = membershipOf(["a", "b", "c"]);

function snapshot(index: number): SnapshotMeta {
  return { last: { term: 1, index }, membership: MEMBERSHIP };
}

/** Follower `b`, whose disk is at once. */
class Follower {
  readonly #core = new RaftCore({
    id: "b",
    membership: MEMBERSHIP,
    logState: {
      hardState: INITIAL_HARD_STATE,
      marker: WHOLE_LOG,
      lastIndex: 0,
      terms: [],
      membershipEntries: [],
    },
    appliedIndex: 0,
    random: { random: () => 0 },
  });

  /** Returns what is asked for in the matter of snapshots. */
  step(event: RaftEvent): RaftEffect[] {
    const effects = this.#core.step(event);
    for (const effect of effects) {
      if (effect.type === "persist") {
        const { sequence, hardState } = effect;
        effects.push(...this.#core.step({ type: "persisted", sequence, upTo: null, hardState }));
      }
    }
    return effects.filter(({ type }) => type === "restoreSnapshot" || type === "abortRestore");
  }

  offer(from: string, term: number, index: number): RaftEffect[] {
    return this.step({
      type: "received",
      message: { type: "snapshotOffer", from, to: "b", term, snapshot: snapshot(index) },
    });
  }

  hear(from: string, term: number): RaftEffect[] {
    return this.step({
      type: "received",
      message: { type: "heartbeat", from, to: "b", term, commit: 0, round: 1 },
    });
  }

  end(type: "snapshotRestored" | "snapshotFailed", index: number): RaftEffect[] {
    return this.step({ type, snapshot: snapshot(index) });
  }
}

function restoreOf(from: string, index: number): RaftEffect {
  return { type: "restoreSnapshot", from, snapshot: snapshot(index) };
}

function abortOf(index: number): RaftEffect {
  return { type: "abortRestore", snapshot: snapshot(index) };
}

test("a snapshot that is being restored is given up when another leader is heard", (t) => {
  const follower = new Follower();
  t.deepEqual(follower.offer("a", 1, 10), [restoreOf("a", 10)]);
  t.deepEqual(follower.hear("a", 1), [], "not for the leader that offered it");
  t.deepEqual(follower.hear("c", 2), [abortOf(10)]);
  t.deepEqual(follower.hear("c", 2), [], "it is told once");
  t.deepEqual(follower.offer("c", 2, 12), [], "one at a time");
  t.deepEqual(follower.end("snapshotFailed", 10), [restoreOf("c", 12)]);
});

test("a snapshot that is being restored is given up for a newer one of its leader, and for no other", (t) => {
  const follower = new Follower();
  follower.offer("a", 1, 10);
  t.deepEqual(follower.offer("a", 1, 10), [], "the offer came twice");
  t.deepEqual(follower.offer("a", 1, 9), [], "one came late");
  t.deepEqual(follower.offer("a", 1, 15), [abortOf(10)]);
  t.deepEqual(follower.offer("a", 1, 10), []);
  t.deepEqual(follower.end("snapshotFailed", 10), [restoreOf("a", 15)]);
});

test("a restore that was beyond stopping counts, and what it makes needless is not begun", (t) => {
  for (
    const { index, want } of [
      { index: 12, want: [restoreOf("c", 12)] },
      { index: 10, want: [] },
      { index: 8, want: [] },
    ]
  ) {
    const follower = new Follower();
    follower.offer("a", 1, 10);
    follower.offer("c", 2, index);
    t.deepEqual(follower.end("snapshotRestored", 10), want);
    t.deepEqual(follower.offer("c", 2, 20).length, 1, "what comes later is looked at");
  }
});

test("an offer that waits is forgotten when yet another leader is heard", (t) => {
  const follower = new Follower();
  follower.offer("a", 1, 10);
  follower.offer("c", 2, 12);
  follower.hear("a", 3);
  t.deepEqual(follower.end("snapshotFailed", 10), []);
});
