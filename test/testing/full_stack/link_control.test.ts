import test from "ava";
import type { Message, Transport } from "../../../raft/mod.ts";
import { LinkControl } from "../../../testing/full_stack/link_control.ts";
import { VirtualExecutor } from "../../../testing/full_stack/mod.ts";
import { SeededRandom } from "../../../testing/mod.ts";
import { type LinkFaults, MemoryNetwork } from "../../../transport/mod.ts";

const IDS = ["a", "b", "c"];

/** Three members on a network, whose links can be cut. */
class Stage {
  readonly executor: VirtualExecutor = new VirtualExecutor();
  readonly network: MemoryNetwork;
  readonly links: LinkControl;
  readonly #transports = new Map<string, Transport>();
  #arrived: string[] = [];

  constructor(faults: LinkFaults = {}) {
    this.network = new MemoryNetwork({
      clock: this.executor,
      random: new SeededRandom(1),
      faults,
    });
    this.links = new LinkControl(this.network);
    for (const id of IDS) {
      const transport = this.network.transport(id);
      void transport.start({
        onMessage: ({ from, to }) => void this.#arrived.push(from + to),
        onUnreachable: () => {},
        onSnapshot: () => {},
      });
      this.#transports.set(id, transport);
    }
  }

  /** Sends a message on each way. Returns the ways on which it does not arrive. */
  async lost(): Promise<string[]> {
    this.#arrived = [];
    const ways = IDS.flatMap((from) => IDS.filter((to) => to !== from).map((to) => from + to));
    for (const [from, to] of ways as Iterable<[string, string]>) {
      const message: Message = { type: "heartbeat", from, to, term: 1, commit: 0, round: 1 };
      this.#transports.get(from)?.send([message]);
    }
    await this.executor.run(() => true);
    return ways.filter((way) => !this.#arrived.includes(way));
  }
}

test("LinkControl.cut cuts the ways that it is told, one way each, until it is taken back", async (t) => {
  const stage = new Stage();
  t.deepEqual(await stage.lost(), []);
  const restore = stage.links.cut([{ from: "a", to: "b" }, { from: "c", to: "a" }]);
  t.deepEqual(await stage.lost(), ["ab", "ca"]);
  restore();
  t.deepEqual(await stage.lost(), []);
});

test("LinkControl.cut keeps a way cut for as long as any cut names it", async (t) => {
  const stage = new Stage();
  const one = stage.links.cut([{ from: "a", to: "b" }, { from: "b", to: "a" }]);
  const other = stage.links.cut([{ from: "a", to: "b" }, { from: "a", to: "c" }]);
  t.deepEqual(await stage.lost(), ["ab", "ac", "ba"]);
  one();
  t.deepEqual(await stage.lost(), ["ab", "ac"]);
  one();
  t.deepEqual(await stage.lost(), ["ab", "ac"], "a cut is taken back once");
  other();
  t.deepEqual(await stage.lost(), []);
});

test("LinkControl.cut loses what is on its way", async (t) => {
  const stage = new Stage({ delay: { lowMs: 5, highMs: 6 } });
  stage.executor.setTimer(1, () => void stage.links.cut([{ from: "a", to: "b" }]));
  t.deepEqual(await stage.lost(), ["ab"]);
});

test("LinkControl.heal opens all ways for good: cuts that end later change nothing", async (t) => {
  const stage = new Stage();
  const stale = stage.links.cut([{ from: "a", to: "b" }]);
  stage.links.cut([{ from: "b", to: "c" }]);
  stage.links.heal({});
  t.deepEqual(await stage.lost(), []);
  stage.links.cut([{ from: "c", to: "a" }]);
  stale();
  t.deepEqual(await stage.lost(), ["ca"]);
});

test("LinkControl.heal leaves the faults that it is given, and no others", async (t) => {
  const stage = new Stage({ lossRate: 1 });
  t.is((await stage.lost()).length, 6);
  stage.links.heal({});
  t.deepEqual(await stage.lost(), []);
  stage.links.heal({ lossRate: 1 });
  t.is((await stage.lost()).length, 6);
});
