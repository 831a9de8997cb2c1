import test from "ava";
import { ScriptedGroup } from "../../../testing/mod.ts";

test("SimulatedMember's membershipAfter is what its last step has handed out, and no older one", (t) => {
  const group = new ScriptedGroup({ voters: ["a", "b", "c"] });
  group.elect("a");
  const handedOut = new Set<string | undefined>();
  const { invariants } = group;
  const tell = invariants.onCommitted.bind(invariants);
  invariants.onCommitted = (member, before) => {
    if (member.id === "a") {
      handedOut.add(member.membershipAfter?.voters.join());
    }
    tell(member, before);
  };
  group.change("a", { type: "remove", id: "c" });
  group.settle();
  t.true(handedOut.has("a,b"), "the step that commits hands it out");
  group.tick("a");
  t.is(group.member("a").membershipAfter, null, "the next step does not");
});
