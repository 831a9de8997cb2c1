import { must, type Scenario, ScriptedGroup } from "../../../testing/mod.ts";

const THREE = ["a", "b", "c"];
const FIVE = ["a", "b", "c", "d", "e"];

/** Linearizable reads (R20 to R24). That none is stale, the invariants check. */
export const READ_SCENARIOS: readonly Scenario[] = [
  {
    id: "R20",
    name: "a new leader answers no read before an entry of its term is committed",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.block("a", "c");
      // b has the entry, and does not know that it is committed.
      group.propose("a");
      group.deliverAll({ to: "b" });
      group.finish("b", "write");
      group.finish("a", "write");
      group.deliverAll({ from: "b" });
      must(group.member("a").committedIndex === 2, "a has committed it");
      group.finish("a", "apply");
      group.drop();
      group.crash("a");
      const appends = group.hold({ from: "b", type: "appendRequest" });
      group.elect("b");
      must(group.member("b").committedIndex < 2, "b leads, and does not know it yet");
      group.read("b");
      group.run(2);
      must(group.served() === 0, "the read waits");
      group.stopHolding();
      appends.forEach((append) => group.deliver(append));
      group.run(2);
      must(group.served() === 1, "and is served once the term has committed");
      group.assertHeals();
    },
  },
  {
    id: "R21",
    name: "the answers to an earlier round confirm no later read",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(1);
      const answers = group.hold({ to: "a", type: "heartbeatResponse" });
      group.read("a");
      group.settle();
      must(answers.length > 0, "the first round is answered, and the answers are late");
      group.isolate("a");
      group.elect("b");
      must(group.outcomeOf(group.write("b")) === "acknowledged", "the others write");
      group.read("a");
      const served = group.served();
      answers.forEach((answer) => group.deliver(answer));
      must(group.served() === served + 1, "the first read is confirmed by them, the second is not");
      group.settle();
      must(group.served() === served + 1, "nor later");
      group.assertHeals();
    },
  },
  {
    id: "R21",
    name: "a leader that was replaced confirms no read",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.isolate("a");
      group.elect("b");
      group.write("b");
      group.read("a");
      group.run(group.electionTicks / 2);
      must(group.served() === 0, "a has no quorum");
      group.heal();
      group.run(2);
      must(group.served() === 0, "and learns of b");
      group.assertHeals();
    },
  },
  {
    id: "R21",
    name: "reads that come while a round is under way share the next",
    run: () => {
      const group = new ScriptedGroup({ voters: FIVE });
      group.elect("a");
      group.run(3);
      const before = group.countSent({ type: "heartbeat" });
      for (const id of ["b", "c", "d", "e"]) {
        for (let read = 0; read < 5; read += 1) {
          group.read(id);
        }
      }
      group.settle();
      must(group.served() === 20, "all are served, without a tick");
      const heartbeats = group.countSent({ type: "heartbeat" }) - before;
      must(heartbeats <= 8, `${heartbeats} heartbeats for 20 reads: two rounds`);
      group.assertHeals();
    },
  },
  {
    id: "R22",
    name: "a confirmation of an earlier term is void",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      const confirmations = group.hold({ to: "b", type: "readsConfirmed" });
      group.read("b");
      group.settle();
      must(confirmations.length === 1, "a has confirmed b's read");
      group.isolate("a");
      group.elect("c");
      group.write("c");
      must(group.member("b").term === 2, "b follows c");
      confirmations.forEach((message) => group.deliver(message));
      group.settle();
      must(group.served() === 0, "the read is not served");
      group.heal();
      group.isolate("c");
      group.elect("b");
      confirmations.forEach((message) => group.deliver(message));
      must(group.served() === 0, "nor as a leader");
      group.assertHeals();
    },
  },
  {
    id: "R23",
    name: "a leader that was stopped for three election timeouts serves nothing stale",
    run: () => {
      for (const leaseReads of [false, true]) {
        const group = new ScriptedGroup({ voters: THREE, tuning: { leaseReads } });
        group.elect("a");
        group.write("a");
        group.run(3);
        group.isolate("a");
        if (!leaseReads) {
          // A lease would have served them by now.
          group.read("a");
          group.read("a");
        }
        // Nothing reaches it, nothing leaves it, and its clock does not tick.
        for (let ticks = 0; ticks < 3 * group.electionTicks; ticks += 1) {
          group.tick("b");
          group.tick("c");
          group.settle();
        }
        must(group.leader?.id !== "a" && group.leader !== null, "another one leads");
        must(group.member("a").role === "leader", "a does not know it");
        must(group.outcomeOf(group.write(group.leader.id)) === "acknowledged", "and writes");
        // It goes on, with the ticks that it missed, as its monotonic clock tells.
        group.tick("a", 3 * group.electionTicks);
        group.read("a");
        must(group.served() === 0, "nothing is served");
        group.heal();
        group.run(3);
        must(group.served() === 0, "the reads were dropped");
        group.assertHeals();
      }
    },
  },
  {
    id: "R24",
    name: "leases are refused without check-quorum, by which a leader has one",
    run: () => {
      let refusal: unknown = null;
      try {
        new ScriptedGroup({ voters: THREE, tuning: { leaseReads: true, checkQuorum: false } });
      } catch (error) {
        refusal = error;
      }
      must(refusal instanceof RangeError, "it is a RangeError");
      must(/leaseReads needs checkQuorum/.test(refusal.message), "that says why");
    },
  },
  {
    id: "R24",
    name: "reads ask a quorum unless leases are asked for",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE });
      group.elect("a");
      group.run(3);
      group.read("a");
      must(group.inFlight({ type: "heartbeat" }).length === 2, "a round of heartbeats goes out");
      must(group.served() === 0, "the read waits for it");
      group.settle();
      must(group.served() === 1, "and is served");
    },
  },
  {
    id: "R24",
    name: "a lease serves reads while it holds, and not when it is over",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { leaseReads: true } });
      group.elect("a");
      group.run(3);
      group.read("a");
      must(group.served() === 1, "the lease serves a read at once");
      group.isolate("a");
      group.tick("a", group.electionTicks - 1);
      group.read("a");
      must(group.served() === 1, "after nine ticks without an answer it is over");
      group.assertHeals();
    },
  },
  {
    id: "R24",
    name: "a lease counts from when the heartbeats left, however late the answers come",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { leaseReads: true } });
      group.elect("a");
      group.run(3);
      const answers = group.hold({ to: "a", type: "heartbeatResponse" });
      group.tick("a");
      group.settle();
      must(answers.length === 2, "a round is answered, and the answers are late");
      group.isolate("a");
      group.tick("a", 5);
      answers.forEach((answer) => group.deliver(answer));
      group.tick("a", 2);
      group.read("a");
      must(group.served() === 1, "the lease holds for eight ticks of ten");
      group.tick("a", 2);
      group.read("a");
      must(group.served() === 1, "and not for more");
      group.assertHeals();
    },
  },
  {
    id: "R24",
    name: "there are no lease reads while leadership is transferred",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { leaseReads: true } });
      group.elect("a");
      group.run(3);
      group.transfer("a", "b");
      group.isolate("a");
      group.read("a");
      must(group.served() === 0, "b may lead before the lease ends");
      group.assertHeals();
    },
  },
  {
    id: "R24",
    name: "the followers of a lease elect nobody else before it ends",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { leaseReads: true } });
      group.elect("a");
      group.run(3);
      group.isolate("a");
      group.campaign("b");
      group.settle();
      must(group.isLedBy("a"), "c still keeps to the lease");
      group.crash("c");
      group.restart("c");
      group.campaign("b");
      group.settle();
      must(group.isLedBy("a"), "even after a restart, by which it forgot");
      group.tick("c", group.electionTicks);
      group.campaign("b");
      group.settle();
      must(group.isLedBy("b"), "and then is free");
      group.read("a");
      group.settle();
    },
  },
  {
    id: "R24",
    name: "a member without a term that keeps to a lease from before its start says nothing",
    run: () => {
      const group = new ScriptedGroup({ voters: THREE, tuning: { leaseReads: true } });
      group.campaign("a");
      group.settle();
      must(group.countSent({ to: "a" }) === 0, "b and c wait for an election timeout");
      group.assertHeals();
    },
  },
  {
    id: "R24",
    name: "the promise of a lease outlives the word of a later term",
    run: () => {
      const group = new ScriptedGroup({ voters: FIVE, tuning: { leaseReads: true } });
      const connect = (...pairs: readonly string[]) => {
        group.heal();
        for (const one of FIVE) {
          FIVE.filter((other) =>
            one !== other && !pairs.includes(one + other) &&
            !pairs.includes(other + one)
          ).forEach((other) => group.block(one, other));
        }
      };
      FIVE.forEach((id) => group.tick(id, group.electionTicks));
      // d stands in term 2, alone; its answer to a pre-vote of b, which tells of that, is late.
      group.hold({
        from: "d",
        type: "voteRequest",
        where: (message) => message.type === "voteRequest" && !message.isPreVote,
      });
      connect("db", "dc");
      for (let tries = 0; tries < 5 && group.member("d").term < 2; tries += 1) {
        group.campaign("d");
        group.settle();
      }
      must(group.member("d").term === 2, "d is in term 2");
      const late = group.hold({ from: "d", to: "b", type: "voteResponse" });
      connect("db");
      group.campaign("b");
      group.settle();
      must(late.length > 0 && group.member("b").term < 2, "b does not know of term 2");
      connect("ab", "ac", "ae");
      group.elect("a");
      group.write("a");
      must(group.isLedBy("a") && group.leader?.term === 1, "a leads term 1");
      connect("ab", "ac");
      for (let tick = 0; tick <= group.electionTicks; tick += 1) {
        ["a", "b", "c", "e"].forEach((id) => group.tick(id));
        group.settle();
      }
      group.read("a");
      must(group.served() === 1, "a has a lease, from b and c");
      connect();
      late.forEach((message) => group.deliver(message));
      must(group.member("b").term === 2, "b has learned of term 2");
      group.stopHolding();
      connect("be", "de");
      for (let tries = 0; tries < 5 && group.member("e").role !== "leader"; tries += 1) {
        group.campaign("e");
        group.settle();
      }
      must(group.member("e").role !== "leader", "b still keeps to what it promised a");
      group.read("a");
      group.assertHeals();
    },
  },
];
