import {
  type Ack,
  decodeMembership,
  type Entry,
  type Membership,
  type Outcome,
  RaftNode,
  type RaftNodeOptions,
  type Random,
  type SnapshotMeta,
  type StateMachine,
  type StateMachineSnapshot,
  type StateMachineState,
} from "../../raft/mod.ts";
import { MemoryLogStore } from "../../storage/mod.ts";
import { MemoryNetwork } from "../../transport/mod.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** A state machine that is the list of its commands, as text. */
export class ListMachine implements StateMachine<number> {
  commands: string[] = [];
  appliedIndex = 0;
  term = 0;
  membership: Membership | null = null;
  /** Set it to hold applies back. */
  gate: Promise<void> | null = null;

  open(): Promise<StateMachineState> {
    const { appliedIndex, term, membership } = this;
    return Promise.resolve({ appliedIndex, term, membership });
  }

  apply(entries: readonly Entry[]): number[] | Promise<number[]> {
    return this.gate === null ? this.#apply(entries) : this.gate.then(() => this.#apply(entries));
  }

  durableIndex(): number {
    return this.appliedIndex;
  }

  snapshot(): StateMachineSnapshot {
    const bytes = new TextEncoder().encode(JSON.stringify(this.commands));
    const chunks = (async function* () {
      for (let at = 0; at < bytes.length; at += 16) {
        yield await Promise.resolve(bytes.subarray(at, at + 16));
      }
    })();
    return { appliedIndex: this.appliedIndex, chunks };
  }

  async restore(
    { last, membership }: SnapshotMeta,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of chunks) {
      text += decoder.decode(chunk, { stream: true });
    }
    this.commands = JSON.parse(text);
    this.appliedIndex = last.index;
    this.term = last.term;
    this.membership = membership;
  }

  #apply(entries: readonly Entry[]): number[] {
    return entries.map(({ index, term, kind, data }) => {
      this.appliedIndex = index;
      this.term = term;
      if (kind === "membership") {
        this.membership = decodeMembership(data);
      } else if (kind === "command") {
        this.commands.push(new TextDecoder().decode(data));
      }
      return this.commands.length;
    });
  }
}

/** A member that can be stopped and started again on what it kept. */
export interface GroupMember {
  readonly logStore: MemoryLogStore;
  readonly machine: ListMachine;
  node: RaftNode<number>;
}

/** A group of members on virtual time and a network in memory. */
export class RaftGroup implements AsyncDisposable {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: MemoryNetwork = new MemoryNetwork({ clock: this.clock, encodesFrames: true });
  readonly members: Map<string, GroupMember> = new Map();
  readonly #random: Random;
  readonly #options: Partial<RaftNodeOptions<number>>;

  static async start(
    ids: readonly string[],
    options: Partial<RaftNodeOptions<number>> = {},
  ): Promise<RaftGroup> {
    const group = new RaftGroup(options);
    for (const id of ids) {
      await group.startMember(id, ids);
    }
    return group;
  }

  private constructor(options: Partial<RaftNodeOptions<number>>) {
    this.#options = options;
    let state = 1;
    this.#random = {
      // Park and Miller's generator: enough to keep timeouts apart.
      random: () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647,
    };
  }

  /** Starts a member, anew or again. */
  async startMember(id: string, initialVoters: readonly string[]): Promise<GroupMember> {
    const known = this.members.get(id);
    const logStore = known?.logStore ?? new MemoryLogStore();
    const machine = known?.machine ?? new ListMachine();
    const node = await this.settle(RaftNode.start<number>({
      id,
      initialVoters,
      logStore,
      stateMachine: machine,
      transport: this.network.transport(id),
      clock: this.clock,
      random: this.#random,
      ...this.#options,
    }));
    const member = { logStore, machine, node };
    this.members.set(id, member);
    return member;
  }

  member(id: string): GroupMember {
    const member = this.members.get(id);
    if (member === undefined) {
      throw new Error(`No member ${id}`);
    }
    return member;
  }

  /** Lets time pass until there is one leader whom all who run follow. */
  async leader(among: readonly string[] = [...this.members.keys()]): Promise<string> {
    await this.until(() => {
      const leaders = new Set(among.map((id) => this.member(id).node.status().leader));
      const [leader] = leaders;
      return leaders.size === 1 && leader !== null && among.includes(leader ?? "");
    }, "a leader");
    return this.member(among[0] ?? "").node.status().leader ?? "";
  }

  /** Lets time pass until something holds, or fails after a minute of it. */
  async until(holds: () => boolean, what: string): Promise<void> {
    for (let turn = 0; turn < 6_000; turn += 1) {
      if (holds()) {
        return;
      }
      await this.#turn();
    }
    throw new Error(`Within a minute there was not: ${what}`);
  }

  /** Lets time pass until a promise is settled. */
  async settle<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settled = promise.finally(() => isSettled = true);
    settled.catch(() => {});
    await this.until(() => isSettled, "an answer");
    return settled;
  }

  propose(
    id: string,
    text: string,
    { ack = "applied" }: { ack?: Ack } = {},
  ): Promise<Outcome<number>> {
    return this.member(id).node.propose(new TextEncoder().encode(text), { ack });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { node } of this.members.values()) {
      await node.stop();
    }
  }

  async #turn(): Promise<void> {
    for (let hop = 0; hop < 30; hop += 1) {
      this.clock.runDeferred();
      await Promise.resolve();
    }
    this.clock.advance(10);
  }
}
