import test from "ava";
import {
  type IncomingSnapshot,
  type Membership,
  membershipOf,
  type RaftCore,
  type RaftEvent,
  type SnapshotMeta,
  type StateMachine,
  type StateMachineSnapshot,
  type Transport,
} from "../../raft/mod.ts";
import { SnapshotTransfers } from "../../raft/snapshot_transfers.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const TIMEOUT_MS = 1_000;

/** Everything around transfers, with what was asked of it in the order in which it was. */
class Surroundings {
  readonly clock: VirtualClock = new VirtualClock();
  readonly events: RaftEvent[] = [];
  readonly calls: string[] = [];
  membership: Membership = membershipOf(["a", "b"]);
  /** What each call waits for. */
  written: Promise<void> = Promise.resolve();
  reset: Promise<void> = Promise.resolve();
  pinned: Promise<void> = Promise.resolve();
  restored: Promise<void> = Promise.resolve();
  brokenAt = Infinity;
  readonly transfers: SnapshotTransfers<number>;

  constructor() {
    const membershipNow = () => this.membership;
    const core = {
      get status() {
        return { membership: membershipNow() };
      },
      termAt: (index: number) => index < 1 ? null : 1,
    } as unknown as RaftCore;
    this.transfers = new SnapshotTransfers<number>({
      core,
      stateMachine: {
        snapshot: async () => {
          const snapshot = this.#newSnapshot();
          await this.pinned;
          return snapshot;
        },
        restore: async ({ last }: SnapshotMeta) => {
          this.calls.push(`restore ${last.index}`);
          await this.restored;
        },
      } as unknown as StateMachine<number>,
      transport: this.#newTransport(),
      clock: this.clock,
      streamTimeoutMs: TIMEOUT_MS,
      push: (event) => this.events.push(event),
      logIsWritten: () => {
        this.calls.push("log is written?");
        return this.written;
      },
      resetLog: ({ index }) => {
        this.calls.push(`reset ${index}`);
        return this.reset;
      },
      onRestored: (index) => this.calls.push(`restored ${index}`),
      onFailure: (error) => this.calls.push(`failure ${String(error)}`),
    });
  }

  /** A stream from `from`, whose rejection is noted. */
  incoming(from: string, index: number): IncomingSnapshot {
    return {
      from,
      snapshot: metaOf(index),
      chunks: (async function* () {})(),
      reject: (reason) => this.calls.push(`reject ${from} ${index}: ${reason}`),
    };
  }

  #newSnapshot(): StateMachineSnapshot {
    const { calls } = this;
    const chunks: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => {
        let left = 2;
        return {
          next: () =>
            Promise.resolve(
              left-- > 0
                ? { done: false as const, value: new Uint8Array(1) }
                : { done: true as const, value: undefined },
            ),
          return: () => {
            calls.push("unpin");
            return Promise.resolve({ done: true as const, value: undefined });
          },
        };
      },
    };
    return { appliedIndex: 7, chunks };
  }

  #newTransport(): Transport {
    let chunks = 0;
    return {
      start() {},
      send() {},
      close: () => Promise.resolve(),
      openSnapshot: (to) => {
        this.calls.push(`open ${to}`);
        return Promise.resolve({
          write: () => {
            chunks += 1;
            return chunks >= this.brokenAt
              ? Promise.reject(new Error("link is down"))
              : Promise.resolve();
          },
          finish: () => {
            this.calls.push(`finish ${to}`);
            return Promise.resolve();
          },
          abort: (reason) => this.calls.push(`abort ${to}: ${reason}`),
        });
      },
    };
  }
}

function metaOf(index: number, membership: Membership = membershipOf(["a", "b"])): SnapshotMeta {
  return { last: { term: 1, index }, membership };
}

function effect(from: string, index: number) {
  return { type: "restoreSnapshot", from, snapshot: metaOf(index) } as const;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) {
    await Promise.resolve();
  }
}

test("SnapshotTransfers pins a snapshot with the membership of that moment, and streams it", async (t) => {
  const around = new Surroundings();
  const pinned = Promise.withResolvers<void>();
  around.pinned = pinned.promise;
  const made = around.transfers.make("b");
  around.membership = membershipOf(["a", "b", "c"]);
  pinned.resolve();
  await made;
  t.deepEqual(around.events, [{ type: "snapshotReady", to: "b", snapshot: metaOf(7) }]);
  await around.transfers.send({ type: "sendSnapshot", to: "b", snapshot: metaOf(7) });
  t.deepEqual(around.calls, ["open b", "finish b"]);
  t.deepEqual(around.events.at(-1), { type: "snapshotSent", to: "b", succeeded: true });
});

test("SnapshotTransfers says that a snapshot could not be made", async (t) => {
  const around = new Surroundings();
  around.pinned = Promise.reject(new Error("no space"));
  await around.transfers.make("b");
  t.deepEqual(around.events, [{ type: "snapshotSent", to: "b", succeeded: false }]);
});

test("SnapshotTransfers tells both ends when a stream breaks off", async (t) => {
  const around = new Surroundings();
  await around.transfers.make("b");
  around.brokenAt = 2;
  await around.transfers.send({ type: "sendSnapshot", to: "b", snapshot: metaOf(7) });
  t.deepEqual(around.calls, ["open b", "unpin", "abort b: link is down"]);
  t.deepEqual(around.events.at(-1), { type: "snapshotSent", to: "b", succeeded: false });
});

test("SnapshotTransfers streams no other snapshot than the one that was offered", async (t) => {
  const around = new Surroundings();
  await around.transfers.make("b");
  await around.transfers.send({ type: "sendSnapshot", to: "b", snapshot: metaOf(6) });
  t.false(around.calls.includes("open b"));
  t.deepEqual(around.events.at(-1), { type: "snapshotSent", to: "b", succeeded: false });
});

test("SnapshotTransfers lets go of a snapshot that another one replaces, and of all at the end", async (t) => {
  const around = new Surroundings();
  await around.transfers.make("b");
  await around.transfers.make("b");
  t.deepEqual(around.calls, ["unpin"]);
  around.transfers.end();
  t.deepEqual(around.calls, ["unpin", "unpin"]);
});

for (const first of ["offer", "stream"]) {
  test(`SnapshotTransfers restores in order when the ${first} comes first`, async (t) => {
    const around = new Surroundings();
    const steps = [
      () => around.transfers.restore(effect("b", 7)),
      () => around.transfers.onIncoming(around.incoming("b", 7)),
    ];
    (first === "offer" ? steps : steps.reverse()).forEach((step) => step());
    const written = Promise.withResolvers<void>();
    around.written = written.promise;
    await settled();
    t.deepEqual(around.calls.slice(0, 1), ["log is written?"]);
    written.resolve();
    await settled();
    t.deepEqual(around.calls, ["log is written?", "restore 7", "reset 7", "restored 7"]);
    t.deepEqual(around.events, [{ type: "snapshotRestored", snapshot: metaOf(7) }]);
    around.clock.advance(3 * TIMEOUT_MS);
    t.is(around.events.length, 1, "no timer strikes afterwards");
    t.is(around.calls.length, 4);
  });
}

test("SnapshotTransfers restores nothing before the log is written, and tells nothing before it is reset", async (t) => {
  const around = new Surroundings();
  const written = Promise.withResolvers<void>();
  const reset = Promise.withResolvers<void>();
  around.written = written.promise;
  around.reset = reset.promise;
  around.transfers.restore(effect("b", 7));
  around.transfers.onIncoming(around.incoming("b", 7));
  await settled();
  t.deepEqual(around.calls, ["log is written?"]);
  written.resolve();
  await settled();
  t.deepEqual(around.calls, ["log is written?", "restore 7", "reset 7"]);
  t.deepEqual(around.events, []);
  reset.resolve();
  await settled();
  t.deepEqual(around.events, [{ type: "snapshotRestored", snapshot: metaOf(7) }]);
});

test("SnapshotTransfers says that a snapshot could not be restored, and rejects its stream", async (t) => {
  const around = new Surroundings();
  around.restored = Promise.reject(new Error("makes no sense"));
  around.transfers.restore(effect("b", 7));
  around.transfers.onIncoming(around.incoming("b", 7));
  await settled();
  t.deepEqual(around.events, [{ type: "snapshotFailed", snapshot: metaOf(7) }]);
  t.is(around.calls.at(-1), "reject b 7: makes no sense");
});

test("SnapshotTransfers ends the member when the log cannot be reset", async (t) => {
  const around = new Surroundings();
  around.reset = Promise.reject(new Error("disk on fire"));
  around.transfers.restore(effect("b", 7));
  around.transfers.onIncoming(around.incoming("b", 7));
  await settled();
  t.deepEqual(around.events, []);
  t.is(around.calls.at(-1), "failure Error: disk on fire");
});

test("SnapshotTransfers does not restore another stream than the one that was offered", async (t) => {
  const around = new Surroundings();
  around.transfers.restore(effect("b", 7));
  around.transfers.onIncoming(around.incoming("b", 6));
  around.transfers.onIncoming(around.incoming("c", 7));
  await settled();
  t.deepEqual(around.calls, []);
  around.transfers.onIncoming(around.incoming("b", 7));
  await settled();
  t.deepEqual(around.calls.slice(0, 2), [
    "reject b 6: superseded by a newer one",
    "log is written?",
  ]);
});

test("SnapshotTransfers gives up a stream that does not come, and one that is not asked for", async (t) => {
  const around = new Surroundings();
  around.transfers.restore(effect("b", 7));
  around.transfers.onIncoming(around.incoming("c", 7));
  around.clock.advance(TIMEOUT_MS - 1);
  t.deepEqual([around.events.length, around.calls.length], [0, 0]);
  around.clock.advance(1);
  t.deepEqual(around.events, [{ type: "snapshotFailed", snapshot: metaOf(7) }]);
  t.deepEqual(around.calls, ["reject c 7: not asked for"]);
  around.transfers.onIncoming(around.incoming("b", 7));
  await settled();
  t.is(around.calls.length, 1, "what comes too late is not restored");
});

test("SnapshotTransfers rejects streams of what is applied by now, and no others", (t) => {
  const around = new Surroundings();
  around.transfers.onIncoming(around.incoming("b", 7));
  around.transfers.onIncoming(around.incoming("c", 8));
  around.transfers.onApplied(7);
  t.deepEqual(around.calls, ["reject b 7: not needed any more"]);
});

test("SnapshotTransfers rejects at the end what waits, and what comes after it", (t) => {
  const around = new Surroundings();
  around.transfers.onIncoming(around.incoming("b", 7));
  around.transfers.end();
  around.transfers.onIncoming(around.incoming("c", 7));
  around.clock.advance(2 * TIMEOUT_MS);
  t.deepEqual(around.calls, ["reject b 7: member stopped", "reject c 7: member stopped"]);
  t.deepEqual(around.events, []);
});
