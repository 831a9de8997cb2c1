import type { BackendOperation, BackendReader, BackendScan } from "../../../storage/mod.ts";
import { type BackendRequirement, BackendRequirementError, demand } from "./backend_requirement.ts";
import { bytes, hexOf } from "./backend_samples.ts";
import { type BackendStage, SUITE_BUCKETS } from "./backend_stage.ts";
import { SeededRandom } from "../../seeded_random.ts";

/** What is owed whatever happens, in whatever order. */
export const BACKEND_HISTORY_CASES: readonly BackendRequirement[] = [
  ["after any history a backend and its views hold what plain maps would hold", playHistories],
];

/** Calls in one history. */
const STEPS = 30;

/** Prefixes of each other, and bytes at both ends; few, so that they are hit again. */
const KEYS = ["00", "0000", "61", "6100", "6161", "62", "80", "ff", "ff00", "ffff"];

/** Lengths of values by bucket and hex key. Never changed; each write makes another one. */
type Plain = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A reader, and what it must show. */
interface Shown {
  readonly reader: BackendReader & Partial<Disposable>;
  readonly held: Plain;
}

async function playHistories(stage: BackendStage): Promise<void> {
  await stage.open();
  let plain: Plain = {};
  for (let seed = 1; seed <= stage.histories; seed += 1) {
    const random = new SeededRandom(seed);
    let views: Shown[] = [];
    for (let step = 1; step <= STEPS; step += 1) {
      try {
        const kind = random.below(20);
        if (kind === 0) {
          views.push({ reader: stage.backend.view(), held: plain });
        } else if (kind === 1) {
          views.shift()?.reader[Symbol.dispose]?.();
        } else if (kind < 4) {
          await stage.backend.flush();
        } else if (kind < 6) {
          await stage.pass(1);
        } else if (kind === 6 && stage.isDurable) {
          views.forEach(({ reader }) => reader[Symbol.dispose]?.());
          views = [];
          await stage.reopen("closed");
        } else {
          const operations = drawBatch(random);
          stage.backend.write(operations);
          plain = operations.reduce(changed, plain);
        }
        for (const shown of [...views, { reader: stage.backend, held: plain }]) {
          demandShows(shown, drawScan(random));
        }
      } catch (error) {
        const where = `history ${seed}, step ${step}`;
        throw new BackendRequirementError(`${where}: ${String(error)}`, { cause: error });
      }
    }
    views.forEach(({ reader }) => reader[Symbol.dispose]?.());
  }
}

function drawBatch(random: SeededRandom): BackendOperation[] {
  return Array.from({ length: random.below(5) }, () => ({
    bucket: random.pick(SUITE_BUCKETS),
    key: bytes(random.pick(KEYS)),
    value: random.chance(0.35)
      ? null
      // Also values that need pages of their own.
      : new Uint8Array(random.chance(0.2) ? random.below(6_000) : random.below(50)),
  }));
}

function drawScan(random: SeededRandom): BackendScan {
  return {
    ...(random.chance(0.6) ? { low: bytes(random.pick(KEYS)) } : {}),
    ...(random.chance(0.6) ? { high: bytes(random.pick(KEYS)) } : {}),
    reverse: random.chance(0.5),
  };
}

function changed(plain: Plain, { bucket, key, value }: BackendOperation): Plain {
  const { [hexOf(key)]: _, ...rest } = plain[bucket] ?? {};
  return { ...plain, [bucket]: value === null ? rest : { ...rest, [hexOf(key)]: value.length } };
}

function demandShows({ reader, held }: Shown, scan: BackendScan): void {
  for (const bucket of SUITE_BUCKETS) {
    const met = [...reader.scan(bucket, scan)].map(([key, value]) => [hexOf(key), value.length]);
    const told = JSON.stringify(met);
    const wanted = JSON.stringify(plainScan(held[bucket] ?? {}, scan));
    demand(told === wanted, `a walk over ${bucket} met ${told} instead of ${wanted}`);
    for (const key of KEYS) {
      const length = reader.get(bucket, bytes(key))?.length;
      const expected = held[bucket]?.[key];
      demand(length === expected, `${key} has ${length} bytes instead of ${expected}`);
    }
  }
}

function plainScan(
  held: Readonly<Record<string, number>>,
  { low, high, reverse }: BackendScan,
): [string, number][] {
  const records = Object.entries(held)
    .filter(([key]) => low === undefined || key >= hexOf(low))
    .filter(([key]) => high === undefined || key < hexOf(high))
    .sort(([one], [other]) => one < other ? -1 : 1);
  return reverse === true ? records.toReversed() : records;
}
