import type { SeededRandom } from "../seeded_random.ts";
import type { FaultTiming } from "./fault_timing.ts";

/** A way from one member to another. */
export type Link<Member> = readonly [from: Member, to: Member];

/** The links between members, as faults have them. */
export interface StruckLinks<Member> {
  /** Cuts ways. They stay cut until the returned function is called. */
  cut(links: readonly Link<Member>[]): () => void;
  /** Makes a way `factor` times as slow as usual, until the returned function is called. */
  slow(link: Link<Member>, factor: number): () => void;
}

export interface LinkFaultsOptions<Member> {
  readonly members: readonly Member[];
  readonly links: StruckLinks<Member>;
  readonly random: SeededRandom;
  readonly timing: Pick<FaultTiming, "later" | "duration">;
}

/** Faults of the links between members, each for a while. What strikes returns whether it could. */
export class LinkFaults<Member> {
  readonly #members: readonly Member[];
  readonly #links: StruckLinks<Member>;
  readonly #random: SeededRandom;
  readonly #timing: Pick<FaultTiming, "later" | "duration">;

  constructor({ members, links, random, timing }: LinkFaultsOptions<Member>) {
    this.#members = members;
    this.#links = links;
    this.#random = random;
    this.#timing = timing;
  }

  /** Cuts one member off. */
  isolate(member: Member, durationUs: number = this.#timing.duration()): boolean {
    const links = this.#others(member).flatMap((other) => bothWays(member, other));
    return this.#block(links, durationUs);
  }

  /** Parts the members in two. */
  partition(): boolean {
    const shuffled = this.#random.shuffled(this.#members);
    const size = this.#random.between(1, Math.max(1, shuffled.length - 1));
    const [left, right] = [shuffled.slice(0, size), shuffled.slice(size)];
    return this.#block(left.flatMap((one) => right.flatMap((other) => bothWays(one, other))));
  }

  /** Lets nothing through between a member and most others, in one direction. */
  blockOneWay(member: Member): boolean {
    const others = this.#others(member).filter(() => this.#random.chance(0.7));
    const isOutgoing = this.#random.chance(0.5);
    return this.#block(
      others.map((other): Link<Member> => isOutgoing ? [member, other] : [other, member]),
    );
  }

  /** Two members do not hear each other. */
  blockPair(): boolean {
    const [one, other] = this.#random.shuffled(this.#members);
    return one !== undefined && other !== undefined && this.#block(bothWays(one, other));
  }

  /** Makes one direction many times slower. */
  slowLink(): boolean {
    const [one, other] = this.#random.shuffled(this.#members);
    if (one === undefined || other === undefined) {
      return false;
    }
    const restore = this.#links.slow([one, other], this.#random.pick([10, 50, 200]));
    this.#timing.later(this.#timing.duration(), restore);
    return true;
  }

  /** Cuts ways for a while. */
  #block(
    links: readonly Link<Member>[],
    durationUs: number = this.#timing.duration(),
  ): boolean {
    const restore = this.#links.cut(links);
    this.#timing.later(durationUs, restore);
    return links.length > 0;
  }

  #others(member: Member): Member[] {
    return this.#members.filter((other) => other !== member);
  }
}

function bothWays<Member>(one: Member, other: Member): Link<Member>[] {
  return [[one, other], [other, one]];
}
