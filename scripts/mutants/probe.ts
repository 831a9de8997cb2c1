/**
 * Runs scenarios and seeds on a copy of the source, in a process of its own, and
 * writes one line of JSON: what was caught first. Started by `mutation_run.ts`.
 */
import { Session } from "node:inspector/promises";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { runFullStackSeed } from "../../testing/full_stack/mod.ts";
import type { CoreSimulationResult, Scenario, simulateCore } from "../../testing/mod.ts";
import type { Level } from "../simulation/levels.ts";

/** What a probe is to do. */
export interface ProbeOrder {
  /** Where the copy is. */
  readonly directory: string;
  /** Scenarios to run: all, one by its full title, or none. */
  readonly scenarios: "all" | "none" | { readonly title: string };
  /** Seeds to run, until one fails; `null` for none. */
  readonly seeds: { readonly level: Level; readonly from: number; readonly end: number } | null;
  /** A place in the copy, to tell whether it was executed. */
  readonly watch?: { readonly file: string; readonly offset: number };
}

/** What a probe found. */
export interface ProbeResult {
  /** Titles of the scenarios that failed, with what they said. */
  readonly scenarios: readonly { readonly title: string; readonly message: string }[];
  /** The first seed that failed, with the check that noticed. */
  readonly seed: { readonly seed: number; readonly check: string; readonly message: string } | null;
  /** Whether the place to watch was executed; `null` if none was named. */
  readonly wasExecuted: boolean | null;
}

/** The title of a scenario's test. */
export function titleOf({ id, name }: Pick<Scenario, "id" | "name">): string {
  return `${id}: ${name}`;
}

async function probe(order: ProbeOrder): Promise<ProbeResult> {
  const session = order.watch === undefined ? null : await startCoverage();
  const scenarios = await runScenarios(order);
  const seed = await runSeeds(order);
  const wasExecuted = session === null || order.watch === undefined
    ? null
    : await isCovered(session, order.directory, order.watch);
  return { scenarios, seed, wasExecuted };
}

async function runScenarios(
  { directory, scenarios }: ProbeOrder,
): Promise<ProbeResult["scenarios"]> {
  if (scenarios === "none") {
    return [];
  }
  const { ALL_SCENARIOS } = await load<{ ALL_SCENARIOS: readonly Scenario[] }>(
    directory,
    "test/raft/scenarios/all_scenarios.ts",
  );
  const failed: { title: string; message: string }[] = [];
  for (const scenario of ALL_SCENARIOS) {
    const title = titleOf(scenario);
    if (scenarios !== "all" && scenarios.title !== title) {
      continue;
    }
    try {
      scenario.run();
    } catch (error) {
      failed.push({ title, message: violationOf(error) });
    }
  }
  return failed;
}

async function runSeeds({ directory, seeds }: ProbeOrder): Promise<ProbeResult["seed"]> {
  if (seeds === null) {
    return null;
  }
  const simulate = await simulatorOf(directory, seeds.level);
  for (let seed = seeds.from; seed < seeds.end; seed += 1) {
    const { failure } = await simulate(seed);
    if (failure !== null) {
      return { seed, check: failure.check, message: failure.message.split("\n")[0] ?? "" };
    }
  }
  return null;
}

async function simulatorOf(
  directory: string,
  level: Level,
): Promise<(seed: number) => CoreSimulationResult | Promise<CoreSimulationResult>> {
  if (level === "core") {
    const testing = await load<{ simulateCore: typeof simulateCore }>(directory, "testing/mod.ts");
    return (seed) => testing.simulateCore({ seed });
  }
  const testing = await load<{ runFullStackSeed: typeof runFullStackSeed }>(
    directory,
    "testing/full_stack/mod.ts",
  );
  return (seed) => testing.runFullStackSeed(seed);
}

/** Only a check of ours counts. Anything else that is thrown is a crash of the harness. */
function violationOf(error: unknown): string {
  const isViolation = error instanceof Error && "code" in error && error.code === "VIOLATION";
  const isAssertion = error instanceof Error && "code" in error && error.code === "INVARIANT";
  if (!isViolation && !isAssertion) {
    throw error;
  }
  return error.message.split("\n")[0] ?? "";
}

async function load<Module>(directory: string, file: string): Promise<Module> {
  return await import(pathToFileURL(join(directory, file)).href) as Module;
}

async function startCoverage(): Promise<Session> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return session;
}

/** Types are blanked out, not cut, so offsets are those of the source. */
async function isCovered(
  session: Session,
  directory: string,
  { file, offset }: { readonly file: string; readonly offset: number },
): Promise<boolean> {
  const url = pathToFileURL(join(directory, file)).href;
  const { result } = await session.post("Profiler.takePreciseCoverage");
  const ranges = result.filter((script) => script.url === url)
    .flatMap(({ functions }) => functions.flatMap((each) => each.ranges))
    .filter(({ startOffset, endOffset }) => startOffset <= offset && offset < endOffset)
    .sort((one, other) =>
      (one.endOffset - one.startOffset) - (other.endOffset - other.startOffset)
    );
  return (ranges[0]?.count ?? 0) > 0;
}

const [order] = process.argv.slice(2);
if (order !== undefined && process.argv[1]?.endsWith("probe.ts")) {
  console.log(JSON.stringify(await probe(JSON.parse(order) as ProbeOrder)));
}
