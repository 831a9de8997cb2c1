import test from "ava";
import {
  transportCases,
  TransportRequirementError,
  type TransportSuiteOptions,
  type TransportTestbed,
} from "../../testing/mod.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { BROKEN_MESSAGES } from "./broken_messages.ts";
import { BROKEN_SNAPSHOTS } from "./broken_snapshots.ts";
import { realTestbed, virtualTestbed } from "./transport_testbed.ts";

const BROKEN_TRANSPORTS = [...BROKEN_MESSAGES, ...BROKEN_SNAPSHOTS];

const LIMITS = { queueBytesMax: 2 << 20, snapshotBufferBytesMax: 256 << 10 };

const NETWORKS: Readonly<Record<string, () => TransportTestbed>> = {
  "MemoryNetwork": () => virtualTestbed(LIMITS),
  "MemoryNetwork with encoded frames": () => virtualTestbed({ ...LIMITS, encodesFrames: true }),
  "MemoryNetwork that loses, doubles and delays": () =>
    virtualTestbed({
      ...LIMITS,
      encodesFrames: true,
      random: chance(1),
      faults: { lossRate: 0.3, duplicateRate: 0.3, delay: { lowMs: 0, highMs: 5 } },
    }),
  "MemoryNetwork on the machine's time": () => realTestbed(LIMITS),
};

for (const [name, openTestbed] of Object.entries(NETWORKS)) {
  for (const requirement of casesFor(openTestbed)) {
    test(`${name}: ${requirement.name}`, async (t) => {
      await t.notThrowsAsync(() => requirement.run());
    });
  }
}

test("transportCases without the ability to cut asks nothing of cuts", (t) => {
  const options = { ...LIMITS, openTestbed: () => virtualTestbed(LIMITS) };
  const without = transportCases(options).map(({ name }) => name);
  t.deepEqual(without.filter((name) => /\bcut\b/.test(name)), []);
  t.is(transportCases({ ...options, supports: ["cuts"] }).length, without.length + 4);
});

for (const { what, breaks, breakIt } of BROKEN_TRANSPORTS) {
  test(`transportCases rejects a transport that ${what}, by one case alone`, async (t) => {
    const failed: string[] = [];
    for (const requirement of casesFor(() => virtualTestbed(LIMITS, breakIt))) {
      try {
        await requirement.run();
      } catch (error) {
        t.true(error instanceof TransportRequirementError, String(error));
        failed.push(requirement.name);
      }
    }
    t.deepEqual(failed, [breaks]);
  });
}

test("transportCases rejects a transport that queues messages without bound, by one case alone", async (t) => {
  const failed: string[] = [];
  for (const requirement of casesFor(() => virtualTestbed({ ...LIMITS, queueBytesMax: 1 << 30 }))) {
    await requirement.run().catch((error) => {
      t.true(error instanceof TransportRequirementError, String(error));
      failed.push(requirement.name);
    });
  }
  t.deepEqual(failed, ["what waits for a member is bounded"]);
});

test("transportCases has a broken transport for each requirement", (t) => {
  const requirements = casesFor(() => virtualTestbed(LIMITS)).map(({ name }) => name);
  const broken = new Set(BROKEN_TRANSPORTS.map(({ breaks }) => breaks));
  broken.add("what waits for a member is bounded");
  t.deepEqual([...broken].sort(), requirements.sort());
});

function casesFor(openTestbed: TransportSuiteOptions["openTestbed"]) {
  return transportCases({ ...LIMITS, openTestbed, supports: ["cuts"], passesMax: 200 });
}

function chance(seed: number) {
  const random = seededRandom(seed);
  return { random: () => random.int(0, 2 ** 32) / 2 ** 32 };
}
