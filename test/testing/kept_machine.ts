import {
  decodeMembership,
  type Entry,
  type Membership,
  type SnapshotMeta,
  type StateMachine,
  type StateMachineState,
} from "../../raft/mod.ts";

/** Everything that a machine is. */
export interface KeptState {
  values: number[];
  appliedIndex: number;
  term: number;
  membership: Membership | null;
}

/** What survives a machine's life. */
export interface Keep {
  durable: KeptState;
}

export function emptyState(): KeptState {
  return { values: [], appliedIndex: 0, term: 0, membership: null };
}

/**
 * A machine that keeps the first bytes of its commands, and makes every fourth
 * entry durable. Its parts are there to be broken by subclasses.
 */
export class KeptMachine implements StateMachine<number> {
  readonly keep: Keep;
  state: KeptState;

  constructor(keep: Keep) {
    this.keep = keep;
    this.state = structuredClone(keep.durable);
  }

  open(): Promise<StateMachineState> {
    const { appliedIndex, term, membership } = this.state;
    return Promise.resolve({ appliedIndex, term, membership });
  }

  apply(entries: readonly Entry[]): number[] {
    return entries.map((entry) => {
      const result = this.applyOne(entry);
      if (this.state.appliedIndex % 4 === 0) {
        this.flush();
      }
      return result;
    });
  }

  applyOne({ kind, index, term, data }: Entry): number {
    this.state.appliedIndex = index;
    this.state.term = term;
    if (kind === "membership") {
      this.state.membership = decodeMembership(data);
    } else if (kind === "command") {
      this.applyCommand(data[0] ?? 0);
    }
    return this.state.values.length;
  }

  applyCommand(value: number): void {
    this.state.values.push(value);
  }

  flush(): void {
    this.keep.durable = structuredClone(this.state);
  }

  durableIndex(): number {
    return this.keep.durable.appliedIndex;
  }

  snapshot(): { appliedIndex: number; chunks: AsyncIterable<Uint8Array> } {
    const { appliedIndex, values } = this.state;
    return { appliedIndex, chunks: this.encode([...values]) };
  }

  async *encode(values: readonly number[]): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Uint8Array.of(values.length, ...values.slice(0, 3)));
    yield Uint8Array.of(...values.slice(3), 255);
  }

  async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const bytes: number[] = [];
    for await (const chunk of chunks) {
      bytes.push(...chunk);
    }
    const [count = 0] = bytes;
    if (bytes.length !== count + 2 || bytes.at(-1) !== 255) {
      throw new Error("the snapshot is not whole");
    }
    this.replace(bytes.slice(1, -1), meta);
    this.flush();
  }

  replace(values: number[], { last, membership }: SnapshotMeta): void {
    this.state = { values, appliedIndex: last.index, term: last.term, membership };
  }
}
