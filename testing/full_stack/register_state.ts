import { decodeMembership, type Entry, type Membership } from "../../raft/mod.ts";
import { TraceHash } from "../simulation/trace_hash.ts";
import { decodeRegisterCommand, type RegisterCommand } from "./register_command.ts";

/** What became of a command. */
export interface RegisterResult {
  /** Entry by which it took effect: an earlier attempt's, if there was one. */
  readonly index: number;
  /** What the register held before, 0 for nothing. */
  readonly previous: number;
  /** What it holds now. */
  readonly value: number;
}

/** The newest request of a client, so that it takes effect once, however often it comes. */
interface Session {
  readonly sequence: number;
  readonly result: RegisterResult;
}

/** What of the state is stored and sent. */
interface Image {
  readonly appliedIndex: number;
  readonly term: number;
  readonly membership: Membership | null;
  readonly registers: readonly (readonly [number, number])[];
  readonly sessions: readonly (readonly [number, Session])[];
  readonly filler: string;
}

/** Registers and clients' sessions, as they are after some entry: what `RegisterMachine` holds. */
export class RegisterState {
  #appliedIndex = 0;
  #term = 0;
  #membership: Membership | null = null;
  readonly #registers = new Map<number, number>();
  readonly #sessions = new Map<number, Session>();

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  get term(): number {
    return this.#term;
  }

  get membership(): Membership | null {
    return this.#membership;
  }

  /** The command that wrote a register last, 0 for none. */
  read(register: number): number {
    return this.#registers.get(register) ?? 0;
  }

  /** Applies the next entry. `null` is the result of what is no command. */
  apply({ index, term, kind, data }: Entry): RegisterResult | null {
    this.#appliedIndex = index;
    this.#term = term;
    if (kind === "membership") {
      this.#membership = decodeMembership(data);
    }
    return kind === "command" ? this.#execute(index, decodeRegisterCommand(data)) : null;
  }

  /** Takes over a membership that no entry has told. */
  setMembership(membership: Membership): void {
    this.#membership = membership;
  }

  /** All of it as bytes, with some more to make them as long as wanted. */
  encode(fillerBytes: number): Uint8Array {
    const image: Image = {
      appliedIndex: this.#appliedIndex,
      term: this.#term,
      membership: this.#membership,
      registers: [...this.#registers].sort(byNumber),
      sessions: [...this.#sessions].sort(byNumber),
      filler: "x".repeat(fillerBytes),
    };
    return new TextEncoder().encode(JSON.stringify(image));
  }

  /** @throws {SyntaxError} if the bytes are not whole. */
  static decode(bytes: Uint8Array): RegisterState {
    const image = JSON.parse(new TextDecoder().decode(bytes)) as Image;
    const state = new RegisterState();
    state.#appliedIndex = image.appliedIndex;
    state.#term = image.term;
    state.#membership = image.membership;
    image.registers.forEach(([register, value]) => state.#registers.set(register, value));
    image.sessions.forEach(([client, session]) => state.#sessions.set(client, session));
    return state;
  }

  /** A hash of everything but the membership, which members may learn of in different ways. */
  digest(): { readonly low: number; readonly high: number } {
    const hash = new TraceHash();
    hash.add(this.#appliedIndex);
    hash.add(this.#term);
    for (const [register, value] of [...this.#registers].sort(byNumber)) {
      hash.add(register);
      hash.add(value);
    }
    for (const [client, { sequence, result }] of [...this.#sessions].sort(byNumber)) {
      [client, sequence, result.index, result.previous, result.value].forEach((part) =>
        hash.add(part)
      );
    }
    const text = hash.toString();
    return { low: Number.parseInt(text.slice(8), 16), high: Number.parseInt(text.slice(0, 8), 16) };
  }

  #execute(index: number, command: RegisterCommand): RegisterResult {
    const { id, operation, register, client, sequence } = command;
    const session = this.#sessions.get(client);
    if (session !== undefined && session.sequence >= sequence) {
      return session.result;
    }
    const previous = this.read(register);
    const isRefused = operation === "claim" && previous !== 0 && previous % 2 === id % 2;
    const value = isRefused ? previous : id;
    this.#registers.set(register, value);
    const result = { index, previous, value };
    this.#sessions.set(client, { sequence, result });
    return result;
  }
}

function byNumber([one]: readonly [number, unknown], [other]: readonly [number, unknown]): number {
  return one - other;
}
