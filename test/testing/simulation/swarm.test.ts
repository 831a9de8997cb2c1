import test from "ava";
import { drawFullStack } from "../../../testing/full_stack/mod.ts";
import { FAILING_DISK_FAULTS, type Fault } from "../../../testing/simulation/fault.ts";
import { drawSwarm } from "../../../testing/simulation/swarm.ts";

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

const FAILING_DISKS: ReadonlySet<Fault> = new Set(FAILING_DISK_FAULTS);

test("drawSwarm draws no fault of disks that a core does not have", (t) => {
  const faults = SEEDS.flatMap((seed) => [...drawSwarm(seed).faultsUs.keys()]);
  t.true(faults.length > SEEDS.length);
  t.false(faults.some((fault) => FAILING_DISKS.has(fault)));
});

test("drawFullStack draws each of them for some seeds, beside what the core has", (t) => {
  const drawn = new Set<Fault>();
  let without = 0;
  for (const seed of SEEDS) {
    const { faultsUs } = drawFullStack(seed);
    const added = [...faultsUs.keys()].filter((fault) => FAILING_DISKS.has(fault));
    added.forEach((fault) => drawn.add(fault));
    without += added.length === 0 ? 1 : 0;
    const { faultsUs: core } = drawSwarm(seed);
    core.forEach((meanUs, fault) => t.is(faultsUs.get(fault), meanUs));
  }
  t.deepEqual([...drawn].sort(), [...FAILING_DISKS].sort());
  t.true(without > 0, "a disk that works is a case too");
});
