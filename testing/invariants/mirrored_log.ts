import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * What a core believes of its log, its commit index and its term is what it
 * said in its effects, and what its disk holds once all writes are done. A
 * driver that follows the effects must not end up with anything else.
 */
export class MirroredLog implements GroupInvariant {
  readonly name = "mirrored log";

  compareAll(members: readonly MemberView[]): void {
    for (const member of members) {
      if (member.isRunning) {
        this.#compareCore(member);
        this.#compareDisk(member);
      }
    }
  }

  #compareCore({ id, log, believed, committedIndex }: MemberView): void {
    expect(
      believed.lastIndex === log.lastIndex && believed.committedIndex === committedIndex,
      this.name,
      () =>
        `${id} believes in a log that ends with ${believed.lastIndex} and a commit of ` +
        `${believed.committedIndex}; its effects say ${log.lastIndex} and ${committedIndex}`,
    );
    for (let index = log.marker.index + 1; index <= log.lastIndex; index += 1) {
      const term = believed.termAt(index);
      expect(
        term === null || term === log.termAt(index),
        this.name,
        () => `${id} believes in term ${term} at ${index}; its effects say ${log.termAt(index)}`,
      );
    }
  }

  #compareDisk({ id, log, disk }: MemberView): void {
    if (disk.waiting.length > 0) {
      return;
    }
    const first = Math.max(log.marker.index, disk.log.marker.index);
    expect(
      disk.log.lastIndex === log.lastIndex,
      this.name,
      () => `the disk of ${id} ends with ${disk.log.lastIndex}, its log with ${log.lastIndex}`,
    );
    for (let index = first + 1; index <= log.lastIndex; index += 1) {
      expect(
        disk.log.termAt(index) === log.termAt(index),
        this.name,
        () => `the disk of ${id} holds another entry than its log at ${index}`,
      );
    }
  }
}
