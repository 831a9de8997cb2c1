import type { SeededRandom } from "../seeded_random.ts";
import type { FaultTiming } from "./fault_timing.ts";
import type { SimulatedMember } from "./simulated_member.ts";
import type { StruckGroup } from "./struck_group.ts";

type Link = readonly [from: SimulatedMember, to: SimulatedMember];

/** Faults of the links between members, each for a while. What strikes returns whether it could. */
export class LinkFaults {
  readonly #group: Pick<StruckGroup, "members" | "network" | "note">;
  readonly #random: SeededRandom;
  readonly #timing: FaultTiming;

  constructor(
    group: Pick<StruckGroup, "members" | "network" | "note">,
    random: SeededRandom,
    timing: FaultTiming,
  ) {
    this.#group = group;
    this.#random = random;
    this.#timing = timing;
  }

  /** Cuts one member off. */
  isolate(member: SimulatedMember, durationUs: number = this.#timing.duration()): boolean {
    const links = this.#others(member).flatMap((other) => bothWays(member, other));
    return this.#block(links, durationUs);
  }

  /** Parts the members in two. */
  partition(): boolean {
    const { members } = this.#group;
    const shuffled = this.#random.shuffled(members);
    const size = this.#random.between(1, members.length - 1);
    const [left, right] = [shuffled.slice(0, size), shuffled.slice(size)];
    return this.#block(left.flatMap((one) => right.flatMap((other) => bothWays(one, other))));
  }

  /** Lets nothing through between a member and most others, in one direction. */
  blockOneWay(member: SimulatedMember): boolean {
    const others = this.#others(member).filter(() => this.#random.chance(0.7));
    const isOutgoing = this.#random.chance(0.5);
    return this.#block(
      others.map((other): Link => isOutgoing ? [member, other] : [other, member]),
    );
  }

  /** Two members do not hear each other. */
  blockPair(): boolean {
    const [one, other] = this.#random.shuffled(this.#group.members);
    return one !== undefined && other !== undefined && this.#block(bothWays(one, other));
  }

  /** Makes one direction many times slower. */
  slowLink(): boolean {
    const [one, other] = this.#random.shuffled(this.#group.members);
    if (one === undefined || other === undefined) {
      return false;
    }
    const { network } = this.#group;
    network.slowDown(one.number, other.number, this.#random.pick([10, 50, 200]));
    this.#timing.later(
      this.#timing.duration(),
      () => network.speedUp(one.number, other.number),
    );
    return true;
  }

  #block(links: readonly Link[], durationUs: number = this.#timing.duration()): boolean {
    const { network } = this.#group;
    const pairs = links.map(([from, to]) => [from.number, to.number] as const);
    pairs.forEach(([from, to]) => network.block(from, to));
    this.#group.note(() => `blocked: ${pairs.map((pair) => pair.join(">")).join(" ")}`);
    this.#timing.later(durationUs, () => {
      pairs.forEach(([from, to]) => network.unblock(from, to));
      this.#group.note(() => `unblocked: ${pairs.map((pair) => pair.join(">")).join(" ")}`);
    });
    return pairs.length > 0;
  }

  #others(member: SimulatedMember): SimulatedMember[] {
    return this.#group.members.filter((other) => other !== member);
  }
}

function bothWays(one: SimulatedMember, other: SimulatedMember): Link[] {
  return [[one, other], [other, one]];
}
