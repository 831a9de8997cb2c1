import test from "ava";
import type { IncomingSnapshot, RaftEvent } from "../../raft/mod.ts";
import { membershipOf } from "../../raft/mod.ts";
import { MachineTurns } from "../../raft/machine_turns.ts";
import { MembershipHistory } from "../../raft/membership_history.ts";
import { SnapshotReceiver } from "../../raft/snapshot_receiver.ts";
import { settled } from "../support/settled.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const SNAPSHOT = { last: { term: 2, index: 30 }, membership: membershipOf(["a", "b"]) };
const EFFECT = { type: "restoreSnapshot", from: "a", snapshot: SNAPSHOT } as const;
const NEVER = new Promise<never>(() => {});

/** A receiver whose log, state machine and peers are the test. */
class Testbed {
  readonly clock = new VirtualClock();
  readonly turns = new MachineTurns();
  readonly memberships = new MembershipHistory([{ index: 0, membership: membershipOf(["a"]) }]);
  /** What has happened, in its order. */
  readonly notes: string[] = [];
  /** Each held back until it resolves. */
  written: Promise<void> = Promise.resolve();
  restored: Promise<void> = Promise.resolve();
  reset: Promise<void> = Promise.resolve();
  readonly receiver = new SnapshotReceiver({
    stateMachine: {
      restore: async (_meta, chunks) => {
        for await (const chunk of chunks) {
          this.notes.push(`piece of ${chunk.length}`);
        }
        await this.restored;
      },
    },
    turns: this.turns,
    memberships: this.memberships,
    clock: this.clock,
    streamTimeoutMs: 2_000,
    idleMs: 10_000,
    push: (event: RaftEvent) => void this.notes.push(event.type),
    logIsWritten: () => this.written,
    resetLog: async ({ index }) => {
      this.notes.push(`reset to ${index}`);
      await this.reset;
    },
    onRestored: (index) => void this.notes.push(`at ${index}`),
    onFailure: (error) => void this.notes.push(String(error)),
  });

  /** A stream comes that brings so many pieces, one a second, and then ends or is silent. */
  incoming(pieces: number, { ends = true, from = "a", index = 30 } = {}): IncomingSnapshot {
    const { clock, notes } = this;
    const chunks = (async function* () {
      for (let piece = 0; piece < pieces; piece += 1) {
        await new Promise<void>((resolve) => void clock.setTimer(1_000, resolve));
        yield new Uint8Array(piece + 1);
      }
      if (!ends) {
        await NEVER;
      }
    })();
    return {
      from,
      snapshot: { ...SNAPSHOT, last: { term: 2, index } },
      chunks,
      reject: (reason) => void notes.push(`rejected ${from}: ${reason}`),
    };
  }

  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      await settled();
      this.clock.advance(1_000);
      await settled();
    }
  }
}

test("SnapshotReceiver restores what comes, however long it takes, and then resets the log", async (t) => {
  const bed = new Testbed();
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(15));
  await bed.pass(15);
  t.deepEqual(bed.notes.slice(14), ["piece of 15", "reset to 30", "at 30", "snapshotRestored"]);
  t.deepEqual(bed.memberships.at(30), membershipOf(["a", "b"]));
  t.is(bed.notes.length, 18);
});

test("SnapshotReceiver gives a stream up that brings nothing for too long", async (t) => {
  const bed = new Testbed();
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(2, { ends: false }));
  await bed.pass(11);
  t.deepEqual(bed.notes, ["piece of 1", "piece of 2"]);
  await bed.pass(1);
  t.is(bed.notes[2], "rejected a: nothing came for 10000 ms");
  t.is(bed.notes.at(-1), "snapshotFailed");
});

test("SnapshotReceiver.abort ends a restore at once", async (t) => {
  const bed = new Testbed();
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(1, { ends: false }));
  await bed.pass(1);
  bed.receiver.abort();
  await bed.receiver.idle();
  t.deepEqual(bed.notes.slice(0, 2), ["piece of 1", "rejected a: not wanted any more"]);
  t.is(bed.notes.at(-1), "snapshotFailed");
  t.false(bed.notes.includes("reset to 30"));
});

test("SnapshotReceiver.abort ends the wait for a stream", async (t) => {
  const bed = new Testbed();
  bed.receiver.restore(EFFECT);
  bed.receiver.abort();
  t.deepEqual(bed.notes, ["snapshotFailed"]);
  await bed.pass(5);
  t.deepEqual(bed.notes, ["snapshotFailed"], "and the wait's own end does not come too");
});

test("SnapshotReceiver resets no log after the end, and is idle once the restore has ended", async (t) => {
  const bed = new Testbed();
  const restored = Promise.withResolvers<void>();
  bed.restored = restored.promise;
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(1));
  await bed.pass(2);
  bed.receiver.end();
  bed.turns.end();
  let isIdle = false;
  const idle = bed.receiver.idle().then(() => isIdle = true);
  await settled();
  t.false(isIdle);
  restored.resolve();
  await idle;
  t.deepEqual(bed.notes.filter((note) => !note.startsWith("rejected")), ["piece of 1"]);
});

test("SnapshotReceiver tells nothing of a reset that ends after the end", async (t) => {
  const bed = new Testbed();
  const reset = Promise.withResolvers<void>();
  bed.reset = reset.promise;
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(1));
  await bed.pass(2);
  t.deepEqual(bed.notes, ["piece of 1", "reset to 30"]);
  bed.receiver.end();
  reset.resolve();
  await bed.receiver.idle();
  t.false(bed.notes.includes("at 30"));
});

test("SnapshotReceiver ends a restore whose stream is silent with the member", async (t) => {
  const bed = new Testbed();
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(0, { ends: false }));
  await settled();
  bed.receiver.end();
  await bed.receiver.idle();
  t.deepEqual(bed.notes[0], "rejected a: member stopped");
  t.is(bed.clock.waiting, 0);
});

test("SnapshotReceiver restores a stream that came before it was asked for", async (t) => {
  const bed = new Testbed();
  bed.receiver.onIncoming(bed.incoming(1));
  await settled();
  t.deepEqual(bed.notes, []);
  bed.receiver.restore(EFFECT);
  await bed.pass(5);
  t.deepEqual(bed.notes, ["piece of 1", "reset to 30", "at 30", "snapshotRestored"]);
  t.is(bed.clock.waiting, 0);
});

test("SnapshotReceiver restores nothing before the log is written, and tells nothing before it is reset", async (t) => {
  const bed = new Testbed();
  const written = Promise.withResolvers<void>();
  const reset = Promise.withResolvers<void>();
  bed.written = written.promise;
  bed.reset = reset.promise;
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(1));
  await bed.pass(2);
  t.deepEqual(bed.notes, []);
  written.resolve();
  await bed.pass(2);
  t.deepEqual(bed.notes, ["piece of 1", "reset to 30"]);
  reset.resolve();
  await settled();
  t.deepEqual(bed.notes.slice(2), ["at 30", "snapshotRestored"]);
});

test("SnapshotReceiver says that a snapshot could not be restored, and rejects its stream", async (t) => {
  const bed = new Testbed();
  bed.restored = Promise.reject(new Error("makes no sense"));
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(0));
  await settled();
  t.deepEqual(bed.notes, ["rejected a: makes no sense", "snapshotFailed"]);
});

test("SnapshotReceiver ends the member when the log cannot be reset", async (t) => {
  const bed = new Testbed();
  bed.reset = Promise.reject(new Error("disk on fire"));
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(0));
  await settled();
  t.deepEqual(bed.notes, ["reset to 30", "Error: disk on fire"]);
});

test("SnapshotReceiver restores no other stream than the one that was offered", async (t) => {
  const bed = new Testbed();
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(0, { index: 29 }));
  bed.receiver.onIncoming(bed.incoming(0, { from: "c" }));
  await settled();
  t.deepEqual(bed.notes, []);
  bed.receiver.onIncoming(bed.incoming(0));
  await settled();
  t.deepEqual(bed.notes.slice(0, 2), ["rejected a: superseded by a newer one", "reset to 30"]);
});

test("SnapshotReceiver gives up a stream that does not come, and one that is not asked for", async (t) => {
  const bed = new Testbed();
  bed.receiver.restore(EFFECT);
  bed.receiver.onIncoming(bed.incoming(0, { from: "c" }));
  await bed.pass(1);
  t.deepEqual(bed.notes, []);
  await bed.pass(1);
  t.deepEqual(bed.notes, ["snapshotFailed", "rejected c: not asked for"]);
  bed.receiver.onIncoming(bed.incoming(0));
  await settled();
  t.is(bed.notes.length, 2, "what comes too late is not restored");
});

test("SnapshotReceiver rejects streams of what is applied by now, and no others", (t) => {
  const bed = new Testbed();
  bed.receiver.onIncoming(bed.incoming(0));
  bed.receiver.onIncoming(bed.incoming(0, { from: "c", index: 31 }));
  bed.receiver.onApplied(30);
  t.deepEqual(bed.notes, ["rejected a: not needed any more"]);
});

test("SnapshotReceiver rejects at the end what waits, and what comes after it", async (t) => {
  const bed = new Testbed();
  bed.receiver.restore({ ...EFFECT, from: "d" });
  bed.receiver.onIncoming(bed.incoming(0));
  bed.receiver.end();
  bed.receiver.onIncoming(bed.incoming(0, { from: "c" }));
  t.is(bed.clock.waiting, 0);
  await bed.pass(5);
  t.deepEqual(bed.notes, ["rejected a: member stopped", "rejected c: member stopped"]);
});
