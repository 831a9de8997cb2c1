import { CHANGING_CALLS, type FileCall } from "../simulated_file_system/file_call.ts";
import { ViolationError } from "../violation.ts";
import type { FullStackWorld } from "./full_stack_world.ts";

/** Whose log may fail. */
export interface FailureWatchOptions {
  readonly id: string;
  /** Where on its disk its log is. */
  readonly directory: string;
}

/** Calls by which content of a file comes to be durable, or seems to. */
const WRITING_CALLS: ReadonlySet<FileCall> = new Set<FileCall>([
  "write",
  "writeDurably",
  "dataSync",
  "truncate",
]);

/**
 * Follows how the log of a member fails on its disk, and what the member does
 * after that. Nobody knows what is on the disk then, and the next sync may tell
 * of success that is none (W7): such a log takes nothing any more, and such a
 * member says nothing any more.
 */
export class FailureWatch {
  readonly #options: FailureWatchOptions;
  readonly #world: Pick<FullStackWorld, "executor" | "fail">;
  /** Files of the log of which a write or a sync has failed. */
  #failed = new Set<string>();
  /** Changes of the log that have failed, and as it was when the present one began. */
  #failures = 0;
  #failuresBefore = 0;
  /** The event in which the log told its member. */
  #toldIn: number | null = null;

  constructor(options: FailureWatchOptions, world: Pick<FullStackWorld, "executor" | "fail">) {
    this.#options = options;
    this.#world = world;
  }

  /** A life begins. */
  begin(): void {
    this.#failed = new Set();
    this.#failures = 0;
    this.#failuresBefore = 0;
    this.#toldIn = null;
  }

  /** Something is asked of the disk. */
  onCall(call: FileCall, path: string): void {
    if (WRITING_CALLS.has(call) && this.#failed.has(path)) {
      this.#fail(`writes to ${path}, or syncs it, although that has failed`);
    }
  }

  /** The disk has answered with an error. */
  onFailed(call: FileCall, path: string): void {
    const { directory } = this.#options;
    if (CHANGING_CALLS.has(call) && `${path}/`.startsWith(`${directory}/`)) {
      this.#failures += 1;
      if (WRITING_CALLS.has(call)) {
        this.#failed.add(path);
      }
    }
  }

  /** The log is to be changed. */
  onChanging(): void {
    this.#failuresBefore = this.#failures;
    if (this.#toldIn !== null) {
      this.#fail("changes its log, although that has failed");
    }
  }

  /** The change is durable, says the log. */
  onChanged(): void {
    if (this.#failuresBefore > 0) {
      this.#fail("has a log that takes a change, although one of its files has failed");
    }
  }

  /** The change has failed, says the log. */
  onRejected(): void {
    this.#toldIn = this.#world.executor.events;
  }

  /** The member has something to say. */
  onSending(): void {
    if (this.#toldIn !== null && this.#toldIn < this.#world.executor.events) {
      this.#fail("goes on to send messages, although its log has failed");
    }
  }

  #fail(what: string): void {
    this.#world.fail(new ViolationError("failed log", `${this.#options.id} ${what}`));
  }
}
