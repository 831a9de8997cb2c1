import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { systemClock, type Transport } from "../../raft/mod.ts";
import type { TransportTestbed } from "../../testing/mod.ts";
import { MemoryNetwork, type MemoryNetworkOptions } from "../../transport/mod.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import type { Break, World } from "./broken_transport.ts";

/** A memory network on virtual time for one case. `break` makes each transport a broken one. */
export function virtualTestbed(
  options: Omit<MemoryNetworkOptions, "clock">,
  breakIt: Break = (transport) => transport,
): TransportTestbed {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ ...options, clock });
  const world: World = { clock, open: new Map(), lives: new Map(), cuts: 0, early: new Map() };
  return {
    open(id) {
      world.lives.set(id, (world.lives.get(id) ?? 0) + 1);
      return breakIt(noted(id, network.transport(id), world), { id, world });
    },
    async pass() {
      clock.runDeferred();
      clock.advance(1);
      // All promises that are ready run before the next turn.
      await nextTurn();
    },
    cut(one, other) {
      world.cuts += 1;
      network.partition([one], [other]);
    },
    heal: () => network.heal(),
    close() {},
  };
}

/** A memory network on the machine's time. */
export function realTestbed(options: Omit<MemoryNetworkOptions, "clock">): TransportTestbed {
  const network = new MemoryNetwork({ ...options, clock: systemClock() });
  return {
    open: (id) => network.transport(id),
    pass: () => delay(1),
    cut: (one, other) => network.partition([one], [other]),
    heal: () => network.heal(),
    close() {},
  };
}

/** Notes in the world who is open, and with which handlers. */
function noted(id: string, transport: Transport, world: World): Transport {
  return {
    start(handlers) {
      world.open.set(id, handlers);
      return transport.start(handlers);
    },
    send: (messages) => transport.send(messages),
    openSnapshot: (to, snapshot) => transport.openSnapshot(to, snapshot),
    close() {
      world.open.delete(id);
      return transport.close();
    },
  };
}
