import test from "ava";
import {
  type CoreSimulationResult,
  drawSwarm,
  type Fault,
  simulateCore,
  TICK_US,
} from "../../testing/mod.ts";

/** The part by which one clock may be faster than another, by default. */
const STATED_RATIO = 0.1;

const ELECTION_TICKS = 20;

/**
 * A group that reads by leases, whose leader again and again gets the slowest
 * clock of all and is then cut off while clients go on asking it.
 */
function simulateLeases(seed: number, ratio: number): CoreSimulationResult {
  const swarm = drawSwarm(seed);
  const electionUs = ELECTION_TICKS * TICK_US;
  return simulateCore({
    seed,
    events: 20_000,
    configuration: {
      ...swarm,
      size: seed % 2 === 0 ? 3 : 5,
      spares: 0,
      // Such a part too slow, and too fast, makes one `1 + ratio` times as fast as the other.
      drift: ratio / (2 + ratio),
      network: { delayUs: 500, loss: 0, duplication: 0, straggling: 0 },
      diskUs: 50,
      applyUs: 20,
      clientUs: 1_000,
      reads: 0.6,
      loyalty: 0.5,
      tuning: {
        ...swarm.tuning,
        electionTicks: ELECTION_TICKS,
        heartbeatTicks: 1,
        checkQuorum: true,
        leaseReads: true,
      },
      faultsUs: new Map<Fault, number>([
        ["slow the leader's clock", electionUs],
        ["isolate the leader", 2 * electionUs],
        ["pause the leader", 8 * electionUs],
      ]),
      triggers: new Map(),
      crashPoints: new Map(),
    },
  });
}

test("leases serve no stale read while clocks keep to the stated drift, even if the leader's is slowest", (t) => {
  let served = 0;
  let slowed = 0;
  let isolated = 0;
  for (let seed = 1; seed <= 100; seed += 1) {
    const { failure, readsServed, faults } = simulateLeases(seed, STATED_RATIO);
    t.is(failure, null, `seed ${seed}`);
    slowed += faults.get("slow the leader's clock") ?? 0;
    isolated += faults.get("isolate the leader") ?? 0;
    served += readsServed;
  }
  t.true(slowed > 500, `clocks were changed ${slowed} times`);
  t.true(isolated > 300, `leaders were cut off ${isolated} times`);
  t.true(served > 200_000, `${served} reads were served`);
});

test("leases serve stale reads when clocks drift beyond what is stated", (t) => {
  const failures = Array.from({ length: 40 }, (_, at) => simulateLeases(at + 1, 5 * STATED_RATIO))
    .flatMap(({ failure }) => failure === null ? [] : [failure]);
  t.true(failures.length > 0, "some seed shows it");
  for (const { check } of failures) {
    t.is(check, "linearizable reads");
  }
});
