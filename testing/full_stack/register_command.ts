import { commandOf, encodeCommand } from "../simulation/command.ts";

/**
 * What a client wants done to a register.
 *
 * - `write`: it holds the command's id afterwards.
 * - `swap`: so too, and the answer is what it held before.
 * - `claim`: only if it holds nothing, or a command whose id is odd where this one is even.
 */
export type RegisterOperation = "write" | "swap" | "claim";

/** A command of a client. */
export interface RegisterCommand {
  /** Names this attempt, and is the value that is written. Above 0. */
  readonly id: number;
  readonly operation: RegisterOperation;
  readonly register: number;
  readonly client: number;
  /** Rises from one request of a client to its next, and stays when the client tries again. */
  readonly sequence: number;
}

const OPERATIONS: readonly RegisterOperation[] = ["write", "swap", "claim"];

/** Bytes of the smallest command. */
const HEAD_BYTES = 12;

/** Encodes a command, padded to `length` bytes. It begins like those of the core's simulation. */
export function encodeRegisterCommand(command: RegisterCommand, length: number): Uint8Array {
  const data = encodeCommand(command.id, Math.max(length, HEAD_BYTES));
  data[4] = OPERATIONS.indexOf(command.operation);
  data[5] = command.register;
  data[6] = command.client >>> 8;
  data[7] = command.client;
  data.set([command.sequence >>> 24, command.sequence >>> 16, command.sequence >>> 8], 8);
  data[11] = command.sequence;
  return data;
}

export function decodeRegisterCommand(data: Uint8Array): RegisterCommand {
  const [, , , , operation = 0, register = 0, high = 0, low = 0, a = 0, b = 0, c = 0, d = 0] = data;
  return {
    id: commandOf(data),
    operation: OPERATIONS[operation] ?? "write",
    register,
    client: (high << 8) | low,
    sequence: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0,
  };
}
