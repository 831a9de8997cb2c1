import test from "ava";
import { FullStackSimulation } from "../../../testing/full_stack/full_stack_simulation.ts";
import { RegisterApplication } from "../../../testing/full_stack/mod.ts";

const SEED = 3;

test(`FullStackHealing finds that nothing is owed after 500 events of seed ${SEED}`, async (t) => {
  const simulation = new FullStackSimulation(SEED, new RegisterApplication(), { events: 500 });
  const { failure } = await simulation.run();
  t.is(failure, null);
});

for (const what of ["a transfer to m1", "a change of the membership"]) {
  test(`FullStackHealing rejects that ${what} is never answered, by seed ${SEED}`, async (t) => {
    const simulation = new FullStackSimulation(SEED, new RegisterApplication(), { events: 500 });
    // Every founder is asked: one that is removed meanwhile would owe nothing.
    simulation.members.forEach(({ id }) => simulation.wishes.add({ member: id, what }));
    const { failure } = await simulation.run();
    t.is(failure?.check, "progress after healing");
    t.regex(failure?.message ?? "", new RegExp(`${what} waits for m0`));
  });
}
