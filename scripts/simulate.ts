/**
 * `npm run simulate -- --seeds N --from S --events E`: runs the simulator on that
 * many seeds, on all cores, and ends with what was reached. `--level core`, the
 * default, has `RaftCore` alone; `--level full` has whole members.
 *
 * `--seed S` runs one seed and says what happened; with `--trace`, every event.
 */
import { availableParallelism } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { parseSimulation, type SimulationOrder } from "./simulation/arguments.ts";
import { simulate } from "./simulation/levels.ts";
import { conclude, progress, showFailure } from "./simulation/output.ts";
import { EMPTY_REPORT, mergeReports, reportOf, type SwarmReport } from "../testing/mod.ts";

/** Which seeds a thread runs: every `step`-th from `from` on, below `end`. */
interface Share extends Pick<SimulationOrder, "level" | "events"> {
  readonly from: number;
  readonly end: number;
  readonly step: number;
}

/** Seeds after which a thread says how far it is. */
const SEEDS_PER_REPORT = 10;

/** How long nothing is said where no terminal is. */
const SILENCE_MS = 10_000;

/** Failures that are printed; the others are only counted. */
const FAILURES_SHOWN = 10;

if (isMainThread) {
  const order = parseSimulation(process.argv.slice(2), availableParallelism());
  if (typeof order === "string") {
    console.error(order);
    process.exitCode = 2;
  } else {
    process.exitCode = order.seed === null ? await runMany(order) : await runOne(order, order.seed);
  }
} else {
  await runShare(workerData as Share, (report) => parentPort?.postMessage(report));
}

/** Returns the exit code. */
async function runOne(
  { level, events, traces }: SimulationOrder,
  seed: number,
): Promise<number> {
  const result = await simulate(level, {
    seed,
    events,
    ...(traces ? { onTrace: (line: string) => console.log(line) } : {}),
  });
  const { failure, trace, commits, acknowledged, readsServed, healedTimeouts } = result;
  console.log(
    `seed ${seed}: ${result.events} events, ${commits} commits, ${acknowledged} writes and ` +
      `${readsServed} reads served, healed in ${healedTimeouts.toFixed(2)} election timeouts, ` +
      `trace ${trace}`,
  );
  if (failure !== null) {
    console.log(failure.message);
    console.log(failure.cause instanceof Error ? failure.cause.stack : failure.stack);
  }
  return failure === null ? 0 : 1;
}

/** Returns the exit code. */
async function runMany(order: SimulationOrder): Promise<number> {
  const { level, events, from, seeds, threads } = order;
  const started = performance.now();
  let total = EMPTY_REPORT;
  const showProgress = progressWriter(() => progress(total, started));
  await Promise.all(Array.from({ length: threads }, async (_, thread) => {
    const share: Share = { level, events, from: from + thread, end: from + seeds, step: threads };
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: share });
    worker.on("message", (report: SwarmReport) => {
      const shown = total.failures.length;
      report.failures.slice(0, Math.max(0, FAILURES_SHOWN - shown))
        .forEach((failure) => showFailure(failure, order));
      total = mergeReports(total, report);
      showProgress();
    });
    await new Promise<void>((resolve, reject) => {
      worker.on("error", reject).on("exit", () => resolve());
    });
  }));
  if (process.stderr.isTTY) {
    process.stderr.write("\n");
  }
  return conclude(total, { level, started, seeds });
}

/** What is thrown by a simulation itself is a failure of its seed too, and no reason to stop. */
async function seedReport(
  level: SimulationOrder["level"],
  { seed, events }: { readonly seed: number; readonly events: number },
): Promise<SwarmReport> {
  try {
    return reportOf(await simulate(level, { seed, events }));
  } catch (error) {
    const message = `the simulation broke: ${error instanceof Error ? error.stack : String(error)}`;
    return { ...EMPTY_REPORT, seeds: 1, failures: [{ seed, check: "harness", message, events }] };
  }
}

/** Where nobody looks on, a line now and then is enough. */
function progressWriter(line: () => string): () => void {
  if (process.stderr.isTTY) {
    return () => void process.stderr.write(`\r${line()}`);
  }
  let shown = performance.now();
  return () => {
    if (performance.now() - shown > SILENCE_MS) {
      shown = performance.now();
      console.error(line());
    }
  };
}

async function runShare(
  { level, events, from, end, step }: Share,
  post: (report: SwarmReport) => void,
): Promise<void> {
  let report = EMPTY_REPORT;
  for (let seed = from; seed < end; seed += step) {
    report = mergeReports(report, await seedReport(level, { seed, events }));
    if (report.seeds === SEEDS_PER_REPORT || report.failures.length > 0) {
      post(report);
      report = EMPTY_REPORT;
    }
  }
  post(report);
}
