import type { FileCall } from "../simulated_file_system/file_call.ts";
import type { FileSystemError } from "../simulated_file_system/file_errors.ts";
import { diskErrorOf } from "./disk_error_of.ts";
import type { DiskMark } from "./disk_marks.ts";
import type { FailureWatch } from "./failure_watch.ts";
import type { DiskListener } from "./full_stack_life.ts";
import type { FullStackWorld } from "./full_stack_world.ts";

export interface DiskWatchOptions {
  readonly number: number;
  readonly failures: Pick<FailureWatch, "onCall" | "onFailed">;
}

/** Follows what a member asks of its disk, and what that answers. */
export class DiskWatch implements DiskListener {
  readonly #options: DiskWatchOptions;
  readonly #world: Pick<FullStackWorld, "executor" | "diskMarks">;

  constructor(options: DiskWatchOptions, world: Pick<FullStackWorld, "executor" | "diskMarks">) {
    this.#options = options;
    this.#world = world;
  }

  onCall(call: FileCall, path: string): void {
    const { executor, diskMarks } = this.#world;
    const { number, failures } = this.#options;
    executor.trace.add(call.length * 1024 + number);
    failures.onCall(call, path);
    if (call === "rename" && path.endsWith(".wal.tmp")) {
      diskMarks.hit("segment begun");
    } else if (call === "remove" && path.endsWith(".wal")) {
      diskMarks.hit("segment removed");
    }
  }

  onFailed(call: FileCall, path: string, error: unknown): void {
    const failure = diskErrorOf(error);
    if (failure !== null) {
      this.#world.diskMarks.hit(markOf(failure));
      this.#options.failures.onFailed(call, path);
    }
  }

  onLost(call: FileCall): void {
    if (call === "writeDurably") {
      this.#world.diskMarks.hit("write lost in the read-only moment");
    }
  }
}

function markOf({ code }: FileSystemError): DiskMark {
  switch (code) {
    case "ENOSPC":
      return "disk full";
    case "EROFS":
      return "disk read-only";
    default:
      return "disk failed";
  }
}
