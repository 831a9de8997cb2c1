import type {
  Entry,
  SnapshotMeta,
  StateMachineSnapshot,
  StateMachineState,
} from "../../raft/mod.ts";
import type { FileSystem } from "../../storage/mod.ts";
import type { MachineDigest, SimulatedMachine } from "./application.ts";
import { DurableImage } from "./durable_image.ts";
import { type RegisterResult, RegisterState } from "./register_state.ts";

/** What a register machine is made from. */
export interface RegisterMachineOptions {
  readonly fileSystem: FileSystem;
  /** Holds its file. */
  readonly directory: string;
  /** Bytes of one piece of a snapshot. */
  readonly chunkBytes: number;
  /** Bytes that a snapshot has beside the state. */
  readonly fillerBytes: number;
}

/** A state machine of registers, on a disk to which it saves its state now and then. */
export class RegisterMachine implements SimulatedMachine<RegisterResult | null> {
  readonly #options: RegisterMachineOptions;
  readonly #image: DurableImage;
  #state = new RegisterState();
  #durableIndex = 0;
  /** Changes of what is on the disk, one after the other. */
  #saving: Promise<void> = Promise.resolve();
  /** The save that waits for the one under way. */
  #nextSave: Promise<void> | null = null;

  constructor(options: RegisterMachineOptions) {
    this.#options = options;
    this.#image = new DurableImage(options.fileSystem, options.directory);
  }

  get state(): RegisterState {
    return this.#state;
  }

  async open(): Promise<StateMachineState> {
    const bytes = await this.#image.open();
    this.#state = bytes === null ? new RegisterState() : RegisterState.decode(bytes);
    this.#durableIndex = this.#state.appliedIndex;
    const { appliedIndex, term, membership } = this.#state;
    return { appliedIndex, term, membership };
  }

  apply(entries: readonly Entry[]): readonly (RegisterResult | null)[] {
    return entries.map((entry) => this.#state.apply(entry));
  }

  digest(): MachineDigest {
    const { appliedIndex, term } = this.#state;
    return { appliedIndex, term, ...this.#state.digest() };
  }

  durableIndex(): number {
    return this.#durableIndex;
  }

  snapshot(): StateMachineSnapshot {
    const bytes = this.#state.encode(this.#options.fillerBytes);
    return {
      appliedIndex: this.#state.appliedIndex,
      chunks: pieces(bytes, this.#options.chunkBytes),
    };
  }

  async restore(
    { last, membership }: SnapshotMeta,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const bytes = await joined(chunks);
    const state = RegisterState.decode(bytes);
    if (state.appliedIndex !== last.index || state.term !== last.term) {
      throw new Error(`the snapshot is of entry ${state.appliedIndex}, not of ${last.index}`);
    }
    state.setMembership(membership);
    await this.#save(() => state);
    this.#state = state;
  }

  /** Saves the state as it is now, or as it is once what is being saved is saved. */
  save(): Promise<void> {
    // A save that has not begun yet will take along what is held now.
    return this.#nextSave ??= this.#save(() => {
      this.#nextSave = null;
      return this.#state;
    });
  }

  #save(current: () => RegisterState): Promise<void> {
    const saved = this.#saving.then(async () => {
      const state = current();
      const { appliedIndex } = state;
      await this.#image.replace(state.encode(0));
      this.#durableIndex = appliedIndex;
    });
    this.#saving = saved;
    return saved;
  }
}

async function* pieces(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
    yield bytes.subarray(offset, offset + chunkBytes);
  }
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
