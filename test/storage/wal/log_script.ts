import { type Entry, membershipOf } from "../../../raft/mod.ts";
import type { SeededRandom } from "../../../testing/mod.ts";
import { changed, EMPTY_MODEL, type LogModel, type LogOperation } from "./log_model.ts";

/** Draws changes of a log that each follow on the ones before, with all that a member does to it. */
export class LogScript {
  readonly #random: SeededRandom;
  #model: LogModel = EMPTY_MODEL;
  #term = 1;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** The log after all that was drawn. */
  get model(): LogModel {
    return this.#model;
  }

  next(): LogOperation {
    const operation = this.#draw();
    this.#model = changed(this.#model, operation);
    return operation;
  }

  #draw(): LogOperation {
    const random = this.#random;
    const { marker, entries } = this.#model;
    const lastIndex = marker.index + entries.length;
    if (random.chance(0.06) && entries.length > 0) {
      // Mostly within the log; now and then beyond it, as after a snapshot.
      const beyond = random.chance(0.15);
      const index = beyond ? lastIndex + random.between(1, 5) : random.between(
        marker.index + 1,
        lastIndex,
      );
      const term = beyond ? this.#term : entries[index - marker.index - 1]?.term ?? 0;
      return {
        type: "compact",
        marker: { index, term, membership: membershipOf(["a", `m${index % 10}`]) },
      };
    }
    return { type: "append", batch: this.#drawBatch(lastIndex) };
  }

  #drawBatch(lastIndex: number): (LogOperation & { type: "append" })["batch"] {
    const random = this.#random;
    const { marker, entries } = this.#model;
    const changesTerm = random.chance(0.15);
    this.#term += changesTerm ? 1 : 0;
    const hardState = changesTerm || random.chance(0.1)
      ? { term: this.#term, vote: random.pick([null, "a", "b"]), commit: marker.index }
      : null;
    if (hardState !== null && random.chance(0.3)) {
      return { hardState, entries: [] };
    }
    const cutsBack = changesTerm && entries.length > 0;
    const first = cutsBack ? random.between(marker.index + 1, lastIndex + 1) : lastIndex + 1;
    return { hardState, entries: this.#drawEntries(first) };
  }

  #drawEntries(first: number): Entry[] {
    const random = this.#random;
    return Array.from({ length: random.between(1, 4) }, (_, at): Entry => ({
      term: this.#term,
      index: first + at,
      kind: random.pick(["command", "command", "command", "noop"]),
      data: Uint8Array.from(
        { length: random.pick([0, 1, 30, 300, 900]) },
        () => random.below(256),
      ),
    }));
  }
}
