import type { Entry, SnapshotMeta } from "../../raft/mod.ts";
import { emptyState, type Keep, KeptMachine } from "./kept_machine.ts";

/** A machine that is wrong in one way, and the case that is to find it. */
export interface BrokenMachine {
  readonly what: string;
  readonly breaks: string;
  readonly Machine: new (keep: Keep) => KeptMachine;
}

/** Told apart by when they were made, as a clock or chance would. */
let made = 0;

/** What machines were opened on. */
const opened = new WeakSet<Keep>();

export const BROKEN_MACHINES: readonly BrokenMachine[] = [
  {
    what: "starts with something applied",
    breaks: "a new machine holds nothing",
    Machine: class extends KeptMachine {
      override open() {
        const { appliedIndex, term } = this.state;
        const isNew = this.keep.durable.appliedIndex === 0;
        return Promise.resolve({
          appliedIndex,
          term,
          membership: isNew
            ? { voters: ["x"], learners: [], votersOutgoing: [], learnersNext: [] }
            : this.state.membership,
        });
      }
    },
  },
  {
    what: "is at an entry before it has applied any",
    breaks: "a new machine holds nothing",
    Machine: class extends KeptMachine {
      override async open() {
        const state = await super.open();
        const isFirstLife = !opened.has(this.keep);
        opened.add(this.keep);
        return isFirstLife ? { ...state, appliedIndex: 1, term: 1 } : state;
      }
    },
  },
  {
    what: "returns no results for memberships",
    breaks: "apply returns one result for each entry, of whatever kind",
    Machine: class extends KeptMachine {
      override apply(entries: readonly Entry[]) {
        const results = super.apply(entries);
        const isWhole = entries.length > 1 && entries.length < 9;
        return isWhole ? results.filter((_, at) => entries[at]?.kind !== "membership") : results;
      }
    },
  },
  {
    what: "takes chance into its results",
    breaks: "the same entries give the same state and the same results",
    Machine: class extends KeptMachine {
      readonly #number = made++;
      override apply(entries: readonly Entry[]) {
        const results = super.apply(entries);
        return entries.length === 12 ? results.map((result) => result + this.#number) : results;
      }
    },
  },
  {
    what: "counts batches in its results",
    breaks: "how entries are parted into batches makes no difference",
    Machine: class extends KeptMachine {
      override apply(entries: readonly Entry[]) {
        return super.apply(entries).map((result) => result + (entries.length === 1 ? 1000 : 0));
      }
    },
  },
  {
    what: "does not heed commands",
    breaks: "commands change the state",
    Machine: class extends KeptMachine {
      override applyCommand() {
        this.state.values.push(7);
      }
    },
  },
  {
    what: "takes a no-op for a command",
    breaks: "no-ops and memberships leave alone what commands made",
    Machine: class extends KeptMachine {
      override applyOne(entry: Entry) {
        const result = super.applyOne(entry);
        if (entry.kind === "noop") {
          this.state.values.push(0);
        }
        return result;
      }
    },
  },
  {
    what: "tells as durable what is yet to come",
    breaks: "durableIndex is never ahead of what was applied",
    Machine: class extends KeptMachine {
      override durableIndex() {
        const isEarly = this.state.appliedIndex > 0 && this.state.appliedIndex < 4;
        return isEarly ? this.state.appliedIndex + 1 : super.durableIndex();
      }
    },
  },
  {
    what: "tells as durable what it has only applied",
    breaks: "what durableIndex told survives a power cut",
    Machine: class extends KeptMachine {
      override flush() {
        if (this.state.appliedIndex !== 20) {
          super.flush();
        }
      }
      override durableIndex() {
        return this.state.appliedIndex;
      }
    },
  },
  {
    what: "applies again what it holds already",
    breaks: "a machine that is opened again goes on where it says it is",
    Machine: class extends KeptMachine {
      override async open() {
        const state = await super.open();
        const isLater = state.appliedIndex === 8;
        return isLater ? { ...state, appliedIndex: state.appliedIndex - 2 } : state;
      }
    },
  },
  {
    what: "forgets the term of its last entry",
    breaks: "a machine that is opened again tells the term of its last entry",
    Machine: class extends KeptMachine {
      override async open() {
        const state = await super.open();
        return state.membership === null && state.appliedIndex === 10
          ? { ...state, term: 0 }
          : state;
      }
    },
  },
  {
    what: "tells a membership that was never applied",
    breaks: "a machine that is opened again tells no wrong membership",
    Machine: class extends KeptMachine {
      override async open() {
        const state = await super.open();
        return state.membership !== null && state.appliedIndex === 3
          ? { ...state, membership: { ...state.membership, voters: ["z"] } }
          : state;
      }
    },
  },
  {
    what: "names the wrong index for its snapshot",
    breaks: "a snapshot holds the state of the index that it names",
    Machine: class extends KeptMachine {
      override snapshot() {
        const { appliedIndex, chunks } = super.snapshot();
        return { appliedIndex: appliedIndex - 1, chunks };
      }
    },
  },
  {
    what: "reads its snapshot from the live state",
    breaks: "a snapshot does not change with what is applied after it",
    Machine: class extends KeptMachine {
      override snapshot() {
        return { appliedIndex: this.state.appliedIndex, chunks: this.encode(this.state.values) };
      }
      override async *encode(values: number[]) {
        await Promise.resolve();
        yield* super.encode([...values]);
      }
    },
  },
  {
    what: "makes no snapshot while another was not read to its end",
    breaks: "a snapshot that is given up does no harm",
    Machine: class extends KeptMachine {
      #isBusy = false;
      override snapshot() {
        const { appliedIndex, chunks } = super.snapshot();
        return { appliedIndex, chunks: this.#marked(this.#isBusy ? this.encode([]) : chunks) };
      }
      async *#marked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
        this.#isBusy = true;
        yield* chunks;
        this.#isBusy = false;
      }
    },
  },
  {
    what: "stores a snapshot piece by piece over what it has",
    breaks: "a power cut during a restore leaves the old state or the new",
    Machine: class extends KeptMachine {
      override async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>) {
        const before = structuredClone(this.keep.durable);
        try {
          await super.restore(meta, this.#stored(chunks));
        } catch (error) {
          this.keep.durable = before;
          throw error;
        }
      }
      async *#stored(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
        for await (const chunk of chunks) {
          this.keep.durable.values.push(...chunk);
          this.keep.durable.appliedIndex = 10;
          yield chunk;
        }
      }
    },
  },
  {
    what: "adds a snapshot to what it has",
    breaks: "restore replaces the state",
    Machine: class extends KeptMachine {
      override replace(values: number[], meta: SnapshotMeta) {
        super.replace([...this.state.values, ...values], meta);
      }
    },
  },
  {
    what: "loses the first command after a restore",
    breaks: "a restored machine goes on after the snapshot's last entry",
    Machine: class extends KeptMachine {
      #wasRestored = false;
      override replace(values: number[], meta: SnapshotMeta) {
        super.replace(values, meta);
        this.#wasRestored = true;
      }
      override applyCommand(value: number) {
        if (!this.#wasRestored) {
          super.applyCommand(value);
        }
        this.#wasRestored = false;
      }
    },
  },
  {
    what: "restores in memory alone",
    breaks: "a restored snapshot survives a power cut, with index, term and membership",
    Machine: class extends KeptMachine {
      #isRestoring = false;
      override async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>) {
        this.#isRestoring = true;
        await super.restore(meta, chunks);
        this.#isRestoring = false;
        this.keep.durable = { ...structuredClone(this.state), membership: null };
      }
      override flush() {
        if (!this.#isRestoring) {
          super.flush();
        }
      }
    },
  },
  {
    what: "takes a snapshot that is not whole",
    breaks: "a snapshot that ends early is refused",
    Machine: class extends KeptMachine {
      override async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>) {
        const whole: Uint8Array[] = [];
        for await (const chunk of chunks) {
          whole.push(chunk);
        }
        const bytes = whole.flatMap((chunk) => [...chunk]);
        const missing = (bytes[0] ?? 0) + 2 - bytes.length;
        await super.restore(
          meta,
          (async function* () {
            yield await Promise.resolve(Uint8Array.from(missing === 1 ? [...bytes, 255] : bytes));
          })(),
        );
      }
    },
  },
  {
    what: "empties itself before it restores",
    breaks: "a snapshot that is refused leaves the state as it was",
    Machine: class extends KeptMachine {
      override async restore(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>) {
        this.state = emptyState();
        await super.restore(meta, chunks);
      }
    },
  },
];
