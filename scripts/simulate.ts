/**
 * `npm run simulate -- --seeds N --from S --events E`: runs the simulator of the
 * core on that many seeds, on all cores, and ends with what was reached.
 *
 * `--seed S` runs one seed and says what happened; with `--trace`, every event.
 */
import { availableParallelism } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import {
  coverageProblems,
  EMPTY_REPORT,
  type FailedSeed,
  mergeReports,
  reportOf,
  simulateCore,
  type SwarmReport,
} from "../testing/mod.ts";

/** Which seeds a thread runs: every `step`-th from `from` on, below `end`. */
interface Share {
  readonly from: number;
  readonly end: number;
  readonly step: number;
  readonly events: number;
}

/** Seeds after which a thread says how far it is. */
const SEEDS_PER_REPORT = 10;

/** Failures that are printed; the others are only counted. */
const FAILURES_SHOWN = 10;

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "500" },
      from: { type: "string", default: "1" },
      events: { type: "string", default: "10000" },
      seed: { type: "string" },
      trace: { type: "boolean", default: false },
      threads: { type: "string", default: String(availableParallelism()) },
    },
  });
  const events = Number(values.events);
  process.exitCode = values.seed === undefined
    ? await runMany({
      from: Number(values.from),
      end: Number(values.from) + Number(values.seeds),
      step: Number(values.threads),
      events,
    })
    : runOne(Number(values.seed), events, values.trace);
} else {
  runShare(workerData as Share, (report) => parentPort?.postMessage(report));
}

/** Returns the exit code. */
function runOne(seed: number, events: number, traces: boolean): number {
  const result = simulateCore({
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

async function runMany({ from, end, step: threads, events }: Share): Promise<number> {
  const started = performance.now();
  let total = EMPTY_REPORT;
  await Promise.all(Array.from({ length: threads }, async (_, thread) => {
    const share: Share = { from: from + thread, end, step: threads, events };
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: share });
    worker.on("message", (report: SwarmReport) => {
      const shown = total.failures.length;
      report.failures.slice(0, Math.max(0, FAILURES_SHOWN - shown))
        .forEach((failure) => show(failure, events));
      total = mergeReports(total, report);
      showProgress(total, started);
    });
    await new Promise<void>((resolve, reject) => {
      worker.on("error", reject).on("exit", () => resolve());
    });
  }));
  process.stderr.write("\n");
  return conclude(total, started);
}

function runShare({ from, end, step, events }: Share, post: (report: SwarmReport) => void): void {
  let report = EMPTY_REPORT;
  for (let seed = from; seed < end; seed += step) {
    report = mergeReports(report, reportOf(simulateCore({ seed, events })));
    if (report.seeds === SEEDS_PER_REPORT || report.failures.length > 0) {
      post(report);
      report = EMPTY_REPORT;
    }
  }
  post(report);
}

function show({ seed, message }: FailedSeed, events: number): void {
  console.log(`\nseed ${seed} failed: ${message}`);
  console.log(`  npm run simulate -- --seed ${seed} --events ${events}`);
}

function showProgress({ seeds, events, virtualUs, failures }: SwarmReport, started: number): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r${summary({ seeds, events, virtualUs, failures }, started)}`);
  }
}

function summary(
  { seeds, events, virtualUs, failures }: Pick<
    SwarmReport,
    "seeds" | "events" | "virtualUs" | "failures"
  >,
  started: number,
): string {
  const seconds = (performance.now() - started) / 1000;
  return `${seeds} seeds, ${(virtualUs / 3.6e9).toFixed(2)} virtual hours, ${events} events, ` +
    `${Math.round(events / seconds)} events/s, ${failures.length} failed`;
}

/** Returns the exit code. */
function conclude(total: SwarmReport, started: number): number {
  console.log(summary(total, started));
  console.log(
    `${(total.commits / total.seeds).toFixed(0)} commits, ` +
      `${(total.acknowledged / total.seeds).toFixed(0)} writes and ` +
      `${(total.readsServed / total.seeds).toFixed(0)} reads served a seed; healed in at most ` +
      `${total.healedTimeoutsMax.toFixed(1)} election timeouts`,
  );
  const problems = coverageProblems(total);
  problems.forEach((problem) => console.log(problem));
  return total.failures.length + problems.length === 0 ? 0 : 1;
}
