import { ViolationError } from "../violation.ts";

/** A story that a group must survive. */
export interface Scenario {
  /** Its id in the catalogue of faults, `R1` to `R38`. */
  readonly id: string;
  /** A sentence: what happens, and what must come of it. */
  readonly name: string;
  /** Throws unless it does. */
  readonly run: () => void;
}

/** Throws `ViolationError`, in the scenario's own name, unless `holds`. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new ViolationError("scenario", what);
  }
}
