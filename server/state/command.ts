import { UnknownCommandError } from "./errors.ts";

/** What a command does; its payload is the request named here, in protobuf. */
export type CommandKind =
  /** `etcdserverpb.PutRequest` */
  | "put"
  /** `etcdserverpb.DeleteRangeRequest` */
  | "deleteRange"
  /** `etcdserverpb.CompactionRequest` */
  | "compaction"
  /** `etcdserverpb.Member`: what a member tells of itself when it starts */
  | "memberPublish";

/** One command of the log: a header, and the request as the client sent it. */
export interface Command {
  readonly kind: CommandKind;
  /** Names the request from its proposal to its answer. A safe integer. */
  readonly requestId: number;
  /** The leader's time when it took the command, in milliseconds since the Unix epoch. */
  readonly stampMs: number;
  /** Revision of the auth store under which the request was admitted, 0 while there is none. */
  readonly authRevision: number;
  /** Who asked, empty while nobody has to say so. */
  readonly user: string;
  readonly payload: Uint8Array;
}

/*
 * Layout, integers big-endian:
 *
 *   0  format version
 *   1  kind
 *   2  request id, 8 bytes
 *  10  stamp, 8 bytes
 *  18  auth revision, 8 bytes
 *  26  length of the user's name, 2 bytes
 *  28  user's name in UTF-8, then the payload
 */
const FORMAT_VERSION = 1;
const HEADER_BYTES = 28;
const USER_BYTES_MAX = 0xffff;

/** Numbers in the log: never given to another kind. */
const KIND_NUMBERS: Readonly<Record<CommandKind, number>> = {
  put: 1,
  deleteRange: 2,
  compaction: 3,
  memberPublish: 4,
};
const KINDS: ReadonlyMap<number, CommandKind> = new Map(
  Object.entries(KIND_NUMBERS).map(([kind, number]) => [number, kind as CommandKind]),
);

/** Encodes a command as the data of a log entry. */
export function encodeCommand(command: Command): Uint8Array {
  const user = command.user === "" ? NO_BYTES : new TextEncoder().encode(command.user);
  if (user.length > USER_BYTES_MAX) {
    throw new RangeError(`User name too long: ${user.length} bytes of at most ${USER_BYTES_MAX}`);
  }
  const data = new Uint8Array(HEADER_BYTES + user.length + command.payload.length);
  const view = new DataView(data.buffer);
  view.setUint8(0, FORMAT_VERSION);
  view.setUint8(1, KIND_NUMBERS[command.kind]);
  setUint53(view, 2, command.requestId);
  setUint53(view, 10, command.stampMs);
  setUint53(view, 18, command.authRevision);
  view.setUint16(26, user.length);
  data.set(user, HEADER_BYTES);
  data.set(command.payload, HEADER_BYTES + user.length);
  return data;
}

/**
 * Decodes a command. Its payload shares the memory of `data`.
 *
 * @throws {UnknownCommandError} if it was written by a version that knows more
 * than this one, or is no command. Skipping it would make members differ.
 */
export function decodeCommand(data: Uint8Array): Command {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < HEADER_BYTES) {
    throw new UnknownCommandError(`${data.length} bytes are no command`);
  }
  const version = view.getUint8(0);
  if (version !== FORMAT_VERSION) {
    throw new UnknownCommandError(`format version ${version}, this member knows ${FORMAT_VERSION}`);
  }
  const kind = KINDS.get(view.getUint8(1));
  if (kind === undefined) {
    throw new UnknownCommandError(`kind ${view.getUint8(1)}`);
  }
  const payloadStart = HEADER_BYTES + view.getUint16(26);
  if (payloadStart > data.length) {
    throw new UnknownCommandError("the user's name is cut off");
  }
  return {
    kind,
    requestId: getUint53(view, 2),
    stampMs: getUint53(view, 10),
    authRevision: getUint53(view, 18),
    user: payloadStart === HEADER_BYTES ? "" : new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      data.subarray(HEADER_BYTES, payloadStart),
    ),
    payload: data.subarray(payloadStart),
  };
}

const NO_BYTES = new Uint8Array(0);

const TWO_POW_32 = 2 ** 32;

function setUint53(view: DataView, offset: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Not an unsigned safe integer: ${value}`);
  }
  view.setUint32(offset, Math.floor(value / TWO_POW_32));
  view.setUint32(offset + 4, value % TWO_POW_32);
}

function getUint53(view: DataView, offset: number): number {
  const value = view.getUint32(offset) * TWO_POW_32 + view.getUint32(offset + 4);
  if (!Number.isSafeInteger(value)) {
    throw new UnknownCommandError(`a number at byte ${offset} is beyond 2^53`);
  }
  return value;
}
