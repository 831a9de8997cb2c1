import type { NodeId } from "../raft/mod.ts";
import type { Route } from "./message_formats.ts";

/** Which ways of a network are cut. One way may be while the way back is not. */
export class Cuts {
  /** By sender, whom it does not reach. */
  readonly #cut = new Map<NodeId, Set<NodeId>>();

  add({ from, to }: Route): void {
    const unreachable = this.#cut.get(from) ?? new Set();
    this.#cut.set(from, unreachable.add(to));
  }

  /** Cuts all ways between members of different groups. */
  partition(groups: readonly (readonly NodeId[])[]): void {
    for (const group of groups) {
      const others = groups.filter((other) => other !== group).flat();
      group.forEach((from) => others.forEach((to) => this.add({ from, to })));
    }
  }

  heal(): void {
    this.#cut.clear();
  }

  has({ from, to }: Route): boolean {
    return this.#cut.get(from)?.has(to) ?? false;
  }

  /** Whether two members have lost touch, be it one way: no stream survives that. */
  isBetween({ from, to }: Route): boolean {
    return this.has({ from, to }) || this.has({ from: to, to: from });
  }
}
