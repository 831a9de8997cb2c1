import type { LinkFaults, MemoryNetwork, Route } from "../../transport/mod.ts";

/** Cuts of a network that come and go independently of each other, and its faults. */
export class LinkControl {
  readonly #network: MemoryNetwork;
  readonly #cuts = new Set<readonly Route[]>();

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

  /** All ways are open from now on, and nothing goes wrong but this. */
  heal(faults: LinkFaults): void {
    this.#cuts.clear();
    this.#restore();
    this.#network.setFaults(faults);
  }

  #restore(): void {
    this.#network.heal();
    [...this.#cuts].flat().forEach((route) => this.#network.cut(route));
  }
}
