import test from "ava";
import {
  drawFullStack,
  type FullStackResult,
  type MachineResources,
  RegisterApplication,
  runFullStackSeed,
} from "../../../testing/full_stack/mod.ts";
import type { RegisterMachine } from "../../../testing/full_stack/register_machine.ts";
import { FileSystemError } from "../../../testing/simulated_file_system/file_errors.ts";
import type { FailingDiskFault } from "../../../testing/simulation/fault.ts";
import { TICK_US } from "../../../testing/simulation/swarm.ts";

/** Seeds whose groups have three members or more. */
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed)
  .filter((seed) => drawFullStack(seed).size >= 3)
  .slice(0, 3);

/** A run in which this alone goes wrong, twice in an election timeout or so. */
function runFailing(seed: number, fault: FailingDiskFault): Promise<FullStackResult> {
  const drawn = drawFullStack(seed);
  return runFullStackSeed(seed, {
    events: 4_000,
    configuration: {
      ...drawn,
      faultsUs: new Map([[fault, drawn.tuning.electionTicks * TICK_US / 2]]),
      triggers: new Map(),
    },
  });
}

for (
  const { title, fault, mark } of [
    { title: "W7: disk error", fault: "disk error", mark: "disk failed" },
    { title: "W8: disk full", fault: "disk full", mark: "disk full" },
    { title: "W17: read-only disk", fault: "read-only disk", mark: "disk read-only" },
  ] as const
) {
  test(`${title}: runFullStackSeed has members that end, and come back with all that was acknowledged`, async (t) => {
    let strikes = 0;
    let exits = 0;
    for (const seed of SEEDS) {
      const { failure, marks } = await runFailing(seed, fault);
      t.is(failure, null, `seed ${seed}`);
      strikes += marks[mark];
      exits += marks["member stopped by its disk"] + marks["save failed"] + marks["start failed"];
    }
    t.true(strikes > SEEDS.length, `${strikes} strikes`);
    t.true(exits > SEEDS.length, `${exits} exits`);
  });
}

/** Its machines cannot be saved, for this reason. */
class UnsavedApplication extends RegisterApplication {
  readonly #reason: Error;

  constructor(reason: Error) {
    super();
    this.#reason = reason;
  }

  override createMachine(resources: MachineResources): RegisterMachine {
    const machine = super.createMachine(resources);
    machine.save = () => Promise.reject(this.#reason);
    return machine;
  }
}

for (
  const { reason, check } of [
    { reason: new RangeError("out of range"), check: "state machine" },
    { reason: new FileSystemError("ENOENT", "machine/image"), check: "state machine" },
  ]
) {
  test(`runFullStackSeed rejects a member that ends though its disk has not failed: ${reason.message}`, async (t) => {
    const { failure } = await runFullStackSeed(3, {
      events: 2_000,
      application: () => new UnsavedApplication(reason),
    });
    t.is(failure?.check, check);
    t.regex(failure?.message ?? "", /cannot save/);
  });
}
