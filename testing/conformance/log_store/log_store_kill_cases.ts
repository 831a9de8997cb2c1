import { demandEntries, demandHardState, demandMarker } from "./log_store_equality.ts";
import type { LogStoreRequirement } from "./log_store_requirement.ts";
import { commands, hardStateOf } from "./log_store_samples.ts";
import { inRound, type LogStoreStage } from "./log_store_stage.ts";

/** What is owed when a process is killed. Abilities `powerCuts` and `kills`. */
export const KILL_CASES: readonly LogStoreRequirement[] = [
  ["what open told survives a power cut, also what a killed process had not synced", toldIsDurable],
];

/** A member acts on what it was told, as on what it has appended itself. */
async function toldIsDurable(stage: LogStoreStage): Promise<void> {
  await stage.open();
  for (let moments = 0; moments < 12; moments += 1) {
    await inRound(`killed after ${moments} moments`, async () => {
      const term = moments + 1;
      stage.beginAppend({ hardState: hardStateOf(term), entries: commands(1, 3 + moments, term) });
      await stage.pass(moments);
      const told = await stage.reopen("killed");
      const held = await stage.held(told);
      const state = await stage.reopen("lost");
      demandHardState(state.hardState, told.hardState, "after a power cut");
      demandMarker(state.marker, told.marker, "after a power cut");
      demandEntries(await stage.held(state), held, "after a power cut");
    });
  }
}
