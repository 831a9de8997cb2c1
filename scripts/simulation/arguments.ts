import { parseArgs } from "node:util";
import { type Level, LEVELS } from "./levels.ts";

/** What `npm run simulate` is to do. */
export interface SimulationOrder {
  readonly level: Level;
  readonly seeds: number;
  readonly from: number;
  readonly events: number;
  readonly threads: number;
  /** The one seed to run, `null` for many. */
  readonly seed: number | null;
  readonly traces: boolean;
}

/** Reads the arguments. Returns what is wrong with them where something is. */
export function parseSimulation(
  args: readonly string[],
  processors: number,
): SimulationOrder | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        level: { type: "string", default: "core" },
        seeds: { type: "string", default: "500" },
        from: { type: "string", default: "1" },
        events: { type: "string", default: "10000" },
        seed: { type: "string" },
        trace: { type: "boolean", default: false },
        threads: { type: "string", default: String(processors) },
      },
    });
    const level = LEVELS.find((each) => each === values.level);
    if (level === undefined) {
      return `--level takes one of ${LEVELS.join(", ")}, not ${values.level}`;
    }
    return {
      level,
      seeds: wholeNumber("seeds", values.seeds, 1),
      from: wholeNumber("from", values.from, 0),
      events: wholeNumber("events", values.events, 1),
      threads: wholeNumber("threads", values.threads, 1),
      seed: values.seed === undefined ? null : wholeNumber("seed", values.seed, 0),
      traces: values.trace,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`--${name} takes a whole number from ${least} on, not ${text}`);
  }
  return value;
}
