import test from "ava";
import { CoreSimulation } from "../../../testing/simulation/core_simulation.ts";
import type { SimulatedMember } from "../../../testing/simulation/simulated_member.ts";
import { drawSwarm } from "../../../testing/simulation/swarm.ts";
import { encodeCommand } from "../../../testing/simulation/command.ts";
import { ViolationError } from "../../../testing/mod.ts";

const SEED = 5;

/** Runs a seed for a while, lets something happen to its leader, and has the group heal. */
function heal(act: (simulation: CoreSimulation, leader: SimulatedMember) => void): void {
  const configuration = drawSwarm(SEED);
  const simulation = new CoreSimulation({ seed: SEED, configuration, onTrace: null });
  simulation.start();
  while (simulation.events < 1_000 || simulation.leader === undefined) {
    simulation.runNext();
  }
  act(simulation, simulation.leader);
  const healing = simulation.endFaults();
  while (!healing.isDone) {
    simulation.runNext();
  }
}

/** Asks a member for something of which its core is never told. */
function askInVain(member: SimulatedMember, ask: () => void): void {
  const { step } = member;
  member.step = () => {};
  ask();
  member.step = step;
}

test(`Healing finds that nothing is owed after 1,000 events of seed ${SEED}`, (t) => {
  t.notThrows(() => heal(() => {}));
});

for (
  const { what, ask } of [
    {
      what: "a change of membership",
      ask: (member: SimulatedMember, id: number) =>
        member.change(id, [{ type: "remove", id: "a" }]),
    },
    { what: "a read", ask: (member: SimulatedMember, id: number) => member.read([id]) },
    {
      what: "a command",
      ask: (member: SimulatedMember, id: number) =>
        member.propose([{ id, data: encodeCommand(id) }]),
    },
  ]
) {
  test(`Healing rejects that ${what} is never answered, by seed ${SEED}`, (t) => {
    const error = t.throws(
      () =>
        heal((simulation, leader) =>
          askInVain(leader, () => ask(leader, simulation.ledger.takeId()))
        ),
      { instanceOf: ViolationError },
    );
    t.is(error.check, "progress after healing");
    t.regex(error.message, /owes an answer/);
  });
}
