import { expect } from "../violation.ts";
import type { CommittedLog } from "./committed_log.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * A command whose client was told that it is done stands in the committed log,
 * once, where the client was told (Raft thesis §6.3, without retries); one whose
 * client was told that it was dropped does not. What becomes of the others, the
 * log alone tells.
 */
export class ExactlyOnce implements GroupInvariant {
  readonly name = "exactly once";
  readonly #committed: CommittedLog;
  readonly #commandOf: (data: Uint8Array) => number;
  #seen = 0;
  /** Index of each command in the committed log. */
  readonly #indexes = new Map<number, number>();
  readonly #dropped = new Set<number>();

  /** `commandOf` tells the number by which a client knows the command of an entry. */
  constructor(committed: CommittedLog, commandOf: (data: Uint8Array) => number) {
    this.#committed = committed;
    this.#commandOf = commandOf;
  }

  /** Commands that are committed. */
  get count(): number {
    return this.#indexes.size;
  }

  onCommitted({ id }: MemberView): void {
    for (; this.#seen < this.#committed.lastIndex; this.#seen += 1) {
      const entry = this.#committed.at(this.#seen + 1)?.entry;
      if (entry?.kind !== "command") {
        continue;
      }
      const command = this.#commandOf(entry.data);
      const earlier = this.#indexes.get(command);
      expect(
        earlier === undefined,
        this.name,
        () => `command ${command} is committed at ${earlier} and, by ${id}, at ${entry.index}`,
      );
      expect(
        !this.#dropped.has(command),
        this.name,
        () =>
          `command ${command} is committed at ${entry.index}; its client was told it is dropped`,
      );
      this.#indexes.set(command, entry.index);
    }
  }

  onAcknowledged(command: number, index: number): void {
    const committed = this.#indexes.get(command);
    expect(
      committed === index,
      this.name,
      () => `command ${command} was acknowledged at ${index} and is committed at ${committed}`,
    );
  }

  onDropped(command: number): void {
    const committed = this.#indexes.get(command);
    expect(
      committed === undefined,
      this.name,
      () => `command ${command} was dropped, but is committed at ${committed}`,
    );
    this.#dropped.add(command);
  }
}
