import { type Envelope, invariant, type Message } from "../raft/mod.ts";
import { FrameError, MessageTypeError } from "./errors.ts";
import {
  BOOLEAN,
  DROP_REASON,
  ENTRIES,
  ENTRY_ID,
  type FieldFormat,
  OPTIONAL_UINT,
  PROPOSALS,
  SNAPSHOT_META,
  UINT,
  UINTS,
} from "./field_formats.ts";
import type { ValueReader } from "./value_reader.ts";

/** Who sends to whom: the same for all messages of a frame, so it is there once. */
export type Route = Pick<Envelope, "from" | "to">;

/**
 * The values of a message: the number of its type, its term, its fields. The
 * list may be given to an encoder as it is.
 */
export function messageValues(message: Message): unknown[] {
  const { number, fields } = formatOf(message.type);
  const values: unknown[] = [number];
  UINT.write(values, message.term);
  for (const [name, field] of fields) {
    field.write(values, (message as unknown as Record<string, unknown>)[name]);
  }
  return values;
}

/**
 * Reads what `messageValues` made, to the end.
 *
 * @throws {FrameError} if a field is missing, too many, or not of its form.
 */
export function readMessage(reader: ValueReader, { from, to }: Route): Message {
  const number = reader.uint();
  const format = BY_NUMBER.get(number);
  if (format === undefined) {
    throw new MessageTypeError(number);
  }
  const fields: Record<string, unknown> = { type: format.type, from, to, term: reader.positive() };
  for (const [name, field] of format.fields) {
    const value = field.read(reader);
    if (value !== undefined) {
      fields[name] = value;
    }
  }
  reader.end();
  // The table has a format for each field of each type: the compiler has seen to it.
  const message = fields as unknown as Message;
  assertEntriesFollow(message);
  return message;
}

/** What a field may be: `undefined` where the message may lack it, which only its last field may. */
type OptionalIn<M, Name extends keyof M> = object extends Pick<M, Name> ? M[Name] | undefined
  : M[Name];

/** The fields of a message but for its envelope, in their order in the frame. */
type FieldFormats<M extends Message> = {
  readonly [Name in Exclude<keyof M, "type" | keyof Envelope>]-?: FieldFormat<
    OptionalIn<M, Name>
  >;
};

type MessageFormats = {
  readonly [Type in Message["type"]]: readonly [
    number: number,
    fields: FieldFormats<Extract<Message, { readonly type: Type }>>,
  ];
};

/**
 * The numbers and the order of the fields are the protocol: a change of either
 * is a new version of it. Numbers are never used again.
 */
const MESSAGE_FORMATS: MessageFormats = {
  voteRequest: [1, { isPreVote: BOOLEAN, last: ENTRY_ID, isTransfer: BOOLEAN, commit: ENTRY_ID }],
  voteResponse: [2, {
    isPreVote: BOOLEAN,
    granted: BOOLEAN,
    commit: ENTRY_ID,
    suspectLife: OPTIONAL_UINT,
  }],
  appendRequest: [3, { previous: ENTRY_ID, commit: UINT, entries: ENTRIES, attempt: UINT }],
  appendAccepted: [4, { match: UINT, attempt: UINT, suspectLife: OPTIONAL_UINT }],
  appendRejected: [5, {
    rejected: UINT,
    hint: ENTRY_ID,
    attempt: UINT,
    suspectLife: OPTIONAL_UINT,
  }],
  heartbeat: [6, { commit: UINT, round: UINT }],
  heartbeatResponse: [7, { round: UINT, suspectLife: OPTIONAL_UINT }],
  timeoutNow: [8, {}],
  proposalForward: [9, { session: UINT, sequence: UINT, proposals: PROPOSALS }],
  proposalsAccepted: [10, { session: UINT, first: ENTRY_ID, ids: UINTS }],
  proposalsRefused: [11, { session: UINT, reason: DROP_REASON, ids: UINTS }],
  readForward: [12, { session: UINT, ids: UINTS }],
  readsConfirmed: [13, { session: UINT, index: UINT, ids: UINTS }],
  snapshotOffer: [14, { snapshot: SNAPSHOT_META }],
  logConfirmed: [15, { life: UINT, upTo: UINT }],
};

interface MessageFormat {
  readonly type: Message["type"];
  readonly number: number;
  readonly fields: readonly (readonly [name: string, format: FieldFormat<unknown>])[];
}

const BY_TYPE: ReadonlyMap<string, MessageFormat> = new Map(
  Object.entries(MESSAGE_FORMATS).map(([type, [number, fields]]) => [type, {
    type: type as Message["type"],
    number,
    fields: Object.entries(fields) as [string, FieldFormat<unknown>][],
  }]),
);

const BY_NUMBER: ReadonlyMap<number, MessageFormat> = new Map(
  [...BY_TYPE.values()].map((format) => [format.number, format]),
);

function formatOf(type: Message["type"]): MessageFormat {
  const format = BY_TYPE.get(type);
  invariant(format !== undefined, "messages have a type of this protocol", type);
  return format;
}

function assertEntriesFollow(message: Message): void {
  if (message.type === "appendRequest") {
    const { previous, entries: [first] } = message;
    if (first !== undefined && first.index !== previous.index + 1) {
      throw new FrameError(`entries from ${first.index} on, after ${previous.index}`);
    }
  }
}
