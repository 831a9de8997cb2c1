import { demandEntries } from "./log_store_equality.ts";
import {
  demandRejects,
  demandResolves,
  type LogStoreRequirement,
} from "./log_store_requirement.ts";
import { commands } from "./log_store_samples.ts";
import type { LogStoreStage } from "./log_store_stage.ts";

/** What is owed to whom has the log open, when somebody else wants it. Ability `locks`. */
export const LOCK_CASES: readonly LogStoreRequirement[] = [
  ["a log that is open is not opened a second time", secondIsRefused],
  ["a store goes on after a second one was refused", firstGoesOn],
  ["a log can be opened by another store once it is closed", closedIsFree],
];

async function secondIsRefused(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  const second = await stage.second();
  await demandRejects(second.open(), "open of a second store");
}

async function firstGoesOn(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  const second = await stage.second();
  // Whether it is refused is asked above.
  await second.open().then(() => second.close(), () => {});
  await stage.append(commands(4, 5));
  demandEntries(await stage.read(1, 6), commands(1, 5), "in the same life");
  demandEntries(await stage.held(await stage.reopen()), commands(1, 5), "in the next life");
}

async function closedIsFree(stage: LogStoreStage): Promise<void> {
  await stage.openWith(commands(1, 3));
  const second = await stage.second();
  await stage.finish("closed");
  await demandResolves(second.open(), "open of a store that was made before the other was closed");
  await demandResolves(second.close(), "close");
}
