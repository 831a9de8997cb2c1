import { CHANGING_CALLS, type FileCall } from "../simulated_file_system/file_call.ts";
import type { FaultyCall, FileFault } from "../simulated_file_system/file_fault.ts";
import type { DiskTrouble } from "./disk_trouble.ts";

/** Calls that need room. */
const FILLING_CALLS: ReadonlySet<FileCall> = new Set<FileCall>([
  "create",
  "createDirectory",
  "write",
  "writeDurably",
]);

/**
 * What goes wrong with a disk within one life of its process: at most one thing
 * at a time, given by `arm`. It comes with one of the next calls that it
 * concerns, if there are so many.
 */
export class FailingDisk {
  #trouble: DiskTrouble | null = null;
  /** Calls that it concerns which still go well. */
  #spared = 0;
  /** Calls that are still made in the moment of turning read-only. */
  #momentCalls = 0;
  #hasBegun = false;

  /** Returns false where something goes wrong already. */
  arm(trouble: DiskTrouble): boolean {
    if (this.#hasBegun) {
      return false;
    }
    this.#trouble = trouble;
    this.#spared = trouble.callsBefore;
    this.#momentCalls = trouble.type === "readOnly" ? trouble.momentCalls : 0;
    return true;
  }

  /**
   * From now on nothing goes wrong any more. Only what turned read-only stays so,
   * until the process has ended: what was lost in that moment does not come back.
   */
  disarm(): void {
    this.#momentCalls = 0;
    if (this.#trouble?.type !== "readOnly" || !this.#hasBegun) {
      this.#trouble = null;
      this.#hasBegun = false;
    }
  }

  faultOf(asked: Omit<FaultyCall, "path">): FileFault | null {
    const { call, bytes } = asked;
    const trouble = this.#trouble;
    if (trouble === null || !concerns(trouble, call)) {
      return null;
    }
    if (this.#spared > 0) {
      this.#spared -= 1;
      return null;
    }
    if (!this.#hasBegun && !mayBegin(trouble, asked)) {
      return null;
    }
    this.#hasBegun = true;
    switch (trouble.type) {
      case "error":
        this.disarm();
        return failed(trouble.code, trouble.writtenPart * bytes);
      case "full":
        return failed("ENOSPC", trouble.writtenPart * bytes);
      case "readOnly":
        if (this.#momentCalls === 0) {
          return failed("EROFS", 0);
        }
        this.#momentCalls -= 1;
        return { type: "readOnlyMoment" };
    }
  }
}

function concerns(trouble: DiskTrouble, call: FileCall): boolean {
  switch (trouble.type) {
    case "error":
      return call === trouble.call;
    case "full":
      return FILLING_CALLS.has(call);
    case "readOnly":
      return CHANGING_CALLS.has(call);
  }
}

function mayBegin(trouble: DiskTrouble, { call, isIntoHole }: Omit<FaultyCall, "path">): boolean {
  return trouble.type !== "readOnly" || !trouble.waitsForHole ||
    call === "writeDurably" && isIntoHole;
}

function failed(
  code: "EIO" | "EDQUOT" | "ENOSPC" | "EROFS",
  writtenBytes: number,
): FileFault {
  return { type: "error", code, writtenBytes: Math.floor(writtenBytes) };
}
