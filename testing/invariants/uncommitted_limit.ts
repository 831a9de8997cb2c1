import type { Entry, NodeId } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/** A leader's own commands that are not committed, oldest first. */
interface Uncommitted {
  readonly waiting: { readonly index: number; readonly bytes: number }[];
  bytes: number;
}

/**
 * A leader takes no more commands than may wait for their commit; one always,
 * where none waits. Data bytes alone are counted: a core that counts something
 * for each entry on top keeps below, and may. What it has inherited does not
 * count, neither when it comes nor when it is committed.
 */
export class UncommittedLimit implements GroupInvariant {
  readonly name = "uncommitted bytes";
  readonly #bytesMax: number;
  readonly #uncommitted = new Map<NodeId, Uncommitted>();

  constructor(options: { readonly uncommittedBytesMax?: number }) {
    // The default that `RaftTuning` states.
    this.#bytesMax = options.uncommittedBytesMax ?? 64 << 20;
  }

  onStarted({ id }: MemberView): void {
    this.#uncommitted.delete(id);
  }

  onRoleChanged({ id }: MemberView): void {
    this.#uncommitted.delete(id);
  }

  onAppended({ id, role, committedIndex }: MemberView, entries: readonly Entry[]): void {
    if (role !== "leader") {
      return;
    }
    const uncommitted = this.#uncommitted.get(id) ?? { waiting: [], bytes: 0 };
    this.#uncommitted.set(id, uncommitted);
    release(uncommitted, committedIndex);
    for (const { kind, index, data: { length } } of entries) {
      if (kind === "command") {
        expect(
          uncommitted.bytes === 0 || uncommitted.bytes + length <= this.#bytesMax,
          this.name,
          () => `${id} takes a command of ${length} bytes, ${uncommitted.bytes} wait for a commit`,
        );
        uncommitted.waiting.push({ index, bytes: length });
        uncommitted.bytes += length;
      }
    }
  }
}

/** Takes off what is committed. */
function release(uncommitted: Uncommitted, committedIndex: number): void {
  const { waiting } = uncommitted;
  let count = 0;
  for (; (waiting[count]?.index ?? Infinity) <= committedIndex; count += 1) {
    uncommitted.bytes -= waiting[count]?.bytes ?? 0;
  }
  waiting.splice(0, count);
}
