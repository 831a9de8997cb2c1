import type { Link, StruckLinks } from "./link_faults.ts";
import type { SimulatedMember } from "./simulated_member.ts";
import type { StruckGroup } from "./struck_group.ts";

/** The links of a simulated network, by the members at their ends. */
export class NetworkLinks implements StruckLinks<SimulatedMember> {
  readonly #group: Pick<StruckGroup, "network" | "note">;

  constructor(group: Pick<StruckGroup, "network" | "note">) {
    this.#group = group;
  }

  cut(links: readonly Link<SimulatedMember>[]): () => void {
    const { network } = this.#group;
    const pairs = links.map(([from, to]) => [from.number, to.number] as const);
    const describe = (): string => pairs.map((pair) => pair.join(">")).join(" ");
    pairs.forEach(([from, to]) => network.block(from, to));
    this.#group.note(() => `blocked: ${describe()}`);
    return () => {
      pairs.forEach(([from, to]) => network.unblock(from, to));
      this.#group.note(() => `unblocked: ${describe()}`);
    };
  }

  slow([from, to]: Link<SimulatedMember>, factor: number): () => void {
    const { network } = this.#group;
    network.slowDown(from.number, to.number, factor);
    return () => network.speedUp(from.number, to.number);
  }
}
