import test from "ava";
import {
  type StateMachineCase,
  stateMachineCases,
  StateMachineRequirementError,
  type StateMachineTestbed,
} from "../../testing/conformance/state_machine/state_machine_suite.ts";
import { BROKEN_MACHINES } from "./broken_machines.ts";
import { emptyState, type Keep, KeptMachine } from "./kept_machine.ts";

function casesFor(Machine: new (keep: Keep) => KeptMachine): StateMachineCase[] {
  return stateMachineCases<number>({
    openTestbed(): StateMachineTestbed<number> {
      const keep: Keep = { durable: emptyState() };
      return {
        create: () => new Machine(keep),
        command: (number) => Uint8Array.of(number),
        observe: (machine) => JSON.stringify((machine as KeptMachine).state.values),
        end(machine, how) {
          if (how === "closed") {
            (machine as KeptMachine).flush();
          }
        },
      };
    },
  });
}

for (const requirement of casesFor(KeptMachine)) {
  test(`KeptMachine: ${requirement.name}`, async (t) => {
    await t.notThrowsAsync(() => requirement.run());
  });
}

for (const { what, breaks, Machine } of BROKEN_MACHINES) {
  test(`stateMachineCases rejects a machine that ${what}, by one case alone`, async (t) => {
    const failed: string[] = [];
    for (const requirement of casesFor(Machine)) {
      try {
        await requirement.run();
      } catch (error) {
        t.true(error instanceof StateMachineRequirementError, String(error));
        failed.push(requirement.name);
      }
    }
    t.deepEqual(failed, [breaks]);
  });
}

test("stateMachineCases has a broken machine for each requirement", (t) => {
  const requirements = casesFor(KeptMachine).map(({ name }) => name);
  const broken = new Set(BROKEN_MACHINES.map(({ breaks }) => breaks));
  t.deepEqual([...broken].sort(), requirements.sort());
});
