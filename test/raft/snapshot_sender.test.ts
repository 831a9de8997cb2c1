import test from "ava";
import type { RaftEvent, SnapshotSink, StateMachineSnapshot } from "../../raft/mod.ts";
import { membershipOf } from "../../raft/mod.ts";
import { MachineTurns } from "../../raft/machine_turns.ts";
import { MembershipHistory } from "../../raft/membership_history.ts";
import { SnapshotSender } from "../../raft/snapshot_sender.ts";
import { settled } from "../support/settled.ts";

/** A sender whose state machine and transport are the test. */
class Testbed {
  readonly events: RaftEvent[] = [];
  readonly streamed: string[] = [];
  released = 0;
  returned = 0;
  knownFrom = 0;
  appliedIndex = 21;
  /** Held back until it resolves. */
  making: Promise<void> | null = null;
  next: () => Promise<IteratorResult<Uint8Array>> = this.#pieces(2);
  write: () => Promise<void> = () => Promise.resolve(void this.streamed.push("piece"));
  open: () => Promise<SnapshotSink> = () => Promise.resolve(this.#sink());
  readonly turns = new MachineTurns();
  readonly sender = new SnapshotSender({
    core: { termAt: (index) => index < this.knownFrom ? null : 3 },
    stateMachine: { snapshot: () => this.#snapshot() },
    turns: this.turns,
    memberships: new MembershipHistory([
      { index: 10, membership: membershipOf(["a"]) },
      { index: 20, membership: membershipOf(["a", "b"]) },
      { index: 22, membership: membershipOf(["a", "b", "c"]) },
    ]),
    transport: { openSnapshot: () => this.open() },
    push: (event) => void this.events.push(event),
  });

  get types(): string[] {
    return this.events.map((event) =>
      event.type === "snapshotSent" ? `sent: ${event.succeeded}` : event.type
    );
  }

  /** Has a snapshot made and streamed, as the core would. */
  async makeAndSend(): Promise<void> {
    this.sender.make("c");
    await settled();
    const ready = this.events.at(-1);
    if (ready?.type === "snapshotReady") {
      this.sender.send({ type: "sendSnapshot", to: "c", snapshot: ready.snapshot });
      this.sender.onOffered("c", ready.snapshot);
    }
    await settled();
  }

  async #snapshot(): Promise<StateMachineSnapshot> {
    await this.making;
    return {
      appliedIndex: this.appliedIndex,
      chunks: {
        [Symbol.asyncIterator]: () => ({
          next: () => this.next(),
          return: () => {
            this.returned += 1;
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      },
      release: () => void (this.released += 1),
    };
  }

  #pieces(count: number): () => Promise<IteratorResult<Uint8Array>> {
    let left = count;
    return () => {
      left -= 1;
      return Promise.resolve(
        left < 0 ? { done: true, value: undefined } : { done: false, value: new Uint8Array(1) },
      );
    };
  }

  #sink(): SnapshotSink {
    return {
      write: () => this.write(),
      finish: () => Promise.resolve(void this.streamed.push("end")),
      abort: (reason) => void this.streamed.push(`abort: ${reason}`),
    };
  }
}

const NEVER = new Promise<never>(() => {});

test("SnapshotSender streams a snapshot whole, and then gives it back", async (t) => {
  const bed = new Testbed();
  await bed.makeAndSend();
  await bed.sender.idle();
  t.deepEqual(bed.streamed, ["piece", "piece", "end"]);
  t.deepEqual(bed.types, ["snapshotReady", "sent: true"]);
  t.is(bed.released, 1);
});

test("SnapshotSender tells the membership as of the snapshot's entry, not as of the core's newest", async (t) => {
  const bed = new Testbed();
  bed.sender.make("c");
  await settled();
  t.like(bed.events, [{
    type: "snapshotReady",
    snapshot: { last: { term: 3, index: 21 }, membership: membershipOf(["a", "b"]) },
  }]);
});

for (
  const { why, prepare, types } of [
    {
      why: "its stream cannot be opened",
      prepare: (bed: Testbed) => bed.open = () => Promise.reject(new Error("no stream")),
      types: ["snapshotReady", "sent: false"],
    },
    {
      why: "its term is not known any more",
      prepare: (bed: Testbed) => bed.knownFrom = 22,
      types: ["sent: false"],
    },
    {
      why: "its membership is not known any more",
      prepare: (bed: Testbed) => bed.appliedIndex = 9,
      types: ["sent: false"],
    },
    {
      why: "reading it fails",
      prepare: (bed: Testbed) => bed.next = () => Promise.reject(new Error("bad sector")),
      types: ["snapshotReady", "sent: false"],
    },
  ]
) {
  test(`SnapshotSender gives a snapshot back when ${why}`, async (t) => {
    const bed = new Testbed();
    prepare(bed);
    await bed.makeAndSend();
    t.deepEqual(bed.types, types);
    t.is(bed.released, 1);
    t.is(bed.returned, 1);
  });
}

test("SnapshotSender gives a snapshot back that the core does not want any more", async (t) => {
  const bed = new Testbed();
  bed.sender.make("c");
  await settled();
  const [ready] = bed.events;
  t.is(ready?.type, "snapshotReady");
  if (ready?.type === "snapshotReady") {
    bed.sender.onOffered("c", ready.snapshot);
  }
  await settled();
  t.is(bed.released, 1);
});

test("SnapshotSender gives a snapshot back whose making ends after the member's end", async (t) => {
  const bed = new Testbed();
  const making = Promise.withResolvers<void>();
  bed.making = making.promise;
  bed.sender.make("c");
  bed.sender.end();
  bed.turns.end();
  making.resolve();
  await bed.turns.idle();
  await bed.sender.idle();
  t.is(bed.released, 1);
  t.false(bed.types.includes("snapshotReady"));
});

test("SnapshotSender gives the former snapshot back when there is a newer one", async (t) => {
  const bed = new Testbed();
  bed.sender.make("c");
  await settled();
  bed.sender.make("c");
  await settled();
  t.is(bed.released, 1);
});

for (
  const { what, prepare } of [
    { what: "the stream is opened", prepare: (bed: Testbed) => bed.open = () => NEVER },
    { what: "a piece is read", prepare: (bed: Testbed) => bed.next = () => NEVER },
  ]
) {
  test(`SnapshotSender.abort ends a stream at once, while ${what}`, async (t) => {
    const bed = new Testbed();
    prepare(bed);
    await bed.makeAndSend();
    t.deepEqual(bed.types, ["snapshotReady"]);
    bed.sender.abort("no longer the leader");
    await bed.sender.idle();
    t.deepEqual(bed.types, ["snapshotReady", "sent: false"]);
    t.is(bed.released, 1);
    t.deepEqual(bed.streamed, what === "a piece is read" ? ["abort: no longer the leader"] : []);
  });
}

test("SnapshotSender says that a snapshot could not be made", async (t) => {
  const bed = new Testbed();
  bed.making = Promise.reject(new Error("no space"));
  bed.sender.make("c");
  await settled();
  t.deepEqual(bed.events, [{ type: "snapshotSent", to: "c", succeeded: false }]);
});

test("SnapshotSender tells both ends when a stream breaks off", async (t) => {
  const bed = new Testbed();
  bed.write = () => Promise.reject(new Error("link is down"));
  await bed.makeAndSend();
  t.deepEqual(bed.streamed, ["abort: link is down"]);
  t.deepEqual(bed.types, ["snapshotReady", "sent: false"]);
  t.is(bed.released, 1);
});

test("SnapshotSender streams no other snapshot than the one that was offered", async (t) => {
  const bed = new Testbed();
  bed.sender.make("c");
  await settled();
  const snapshot = { last: { term: 3, index: 20 }, membership: membershipOf(["a", "b"]) };
  bed.sender.send({ type: "sendSnapshot", to: "c", snapshot });
  await settled();
  t.deepEqual(bed.streamed, []);
  t.deepEqual(bed.types, ["snapshotReady", "sent: false"]);
  t.is(bed.released, 1);
});

test("SnapshotSender gives back at the end what was made and waits", async (t) => {
  const bed = new Testbed();
  bed.sender.make("c");
  await settled();
  bed.sender.end();
  await bed.sender.idle();
  t.is(bed.released, 1);
});
