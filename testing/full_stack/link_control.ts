import type { LinkFaults, MemoryNetwork, Route } from "../../transport/mod.ts";

/** Cuts and slow ways of a network that come and go independently of each other, and its faults. */
export class LinkControl {
  readonly #network: MemoryNetwork;
  readonly #cuts = new Set<readonly Route[]>();
  readonly #slowings = new Set<{ readonly routes: readonly Route[]; readonly factor: number }>();

  constructor(network: MemoryNetwork) {
    this.#network = network;
  }

  /** Cuts ways. They stay cut until the returned function is called. */
  cut(routes: readonly Route[]): () => void {
    this.#cuts.add(routes);
    routes.forEach((route) => this.#network.cut(route));
    return () => {
      if (this.#cuts.delete(routes)) {
        this.#restore();
      }
    };
  }

  /**
   * Makes ways `factor` times as slow as usual, until the returned function is
   * called. Of several that slow a way down, the newest tells by how much.
   */
  slow(routes: readonly Route[], factor: number): () => void {
    const slowing = { routes, factor };
    this.#slowings.add(slowing);
    return () => void this.#slowings.delete(slowing);
  }

  /** How many times as slow as usual a way is. */
  slowness({ from, to }: Route): number {
    const slowing = [...this.#slowings].findLast(({ routes }) =>
      routes.some((route) => route.from === from && route.to === to)
    );
    return slowing?.factor ?? 1;
  }

  /** Whether nothing goes this way. */
  isCut({ from, to }: Route): boolean {
    return [...this.#cuts].some((routes) =>
      routes.some((route) => route.from === from && route.to === to)
    );
  }

  /** All ways are open from now on, and nothing goes wrong but this. */
  heal(faults: LinkFaults): void {
    this.#cuts.clear();
    this.#slowings.clear();
    this.#restore();
    this.#network.setFaults(faults);
  }

  #restore(): void {
    this.#network.heal();
    [...this.#cuts].flat().forEach((route) => this.#network.cut(route));
  }
}
