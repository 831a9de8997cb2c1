import {
  type CompactionMarker,
  decodeMembership,
  encodeMembership,
  type HardState,
  type Membership,
} from "../raft/mod.ts";
import { type ByteReader, FormatError } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";

/** Length that stands for "none". */
const NONE = 0xffff_ffff;

/** Two numbers, flags and a length. */
const FIXED_BYTES = 24;

const FLAG_SUSPECT = 1;

/** Term, commit, flags (1: suspect), length of the vote, vote. */
export function writeHardState(
  writer: ByteWriter,
  { term, commit, vote, isSuspect = false }: HardState,
): void {
  const voteBytes = vote === null ? null : new TextEncoder().encode(vote);
  writer.reserve(FIXED_BYTES + (voteBytes?.length ?? 0));
  writer.uint64(term);
  writer.uint64(commit);
  writer.uint32(isSuspect ? FLAG_SUSPECT : 0);
  writeOptional(writer, voteBytes);
}

/** @throws {FormatError} */
export function readHardState(reader: ByteReader): HardState {
  const term = reader.uint64();
  const commit = reader.uint64();
  const flags = reader.uint32();
  if (flags > FLAG_SUSPECT) {
    throw new FormatError(`unknown flags ${flags} of a hard state`);
  }
  const vote = readOptional(reader);
  const hardState = { term, commit, vote: vote === null ? null : decodeText(vote) };
  return flags === FLAG_SUSPECT ? { ...hardState, isSuspect: true } : hardState;
}

/** Index, term, length of the membership, membership. */
export function writeMarker(
  writer: ByteWriter,
  { index, term, membership }: CompactionMarker,
): void {
  const encoded = membership === null ? null : encodeMembership(membership);
  writer.reserve(FIXED_BYTES + (encoded?.length ?? 0));
  writer.uint64(index);
  writer.uint64(term);
  writeOptional(writer, encoded);
}

/** @throws {FormatError} */
export function readMarker(reader: ByteReader): CompactionMarker {
  const index = reader.uint64();
  const term = reader.uint64();
  const membership = readOptional(reader);
  return { index, term, membership: membership === null ? null : membershipFrom(membership) };
}

/** Length of the text in UTF-8, text. */
export function writeText(writer: ByteWriter, text: string): void {
  const bytes = new TextEncoder().encode(text);
  writer.reserve(4 + bytes.length);
  writer.uint32(bytes.length);
  writer.put(bytes);
}

/** @throws {FormatError} if the text is not UTF-8, or longer than what is left. */
export function readText(reader: ByteReader): string {
  return decodeText(reader.take(reader.uint32()));
}

/** @throws {FormatError} if the bytes are not UTF-8. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError("text that is not UTF-8");
  }
}

function membershipFrom(bytes: Uint8Array): Membership {
  try {
    return decodeMembership(bytes);
  } catch (error) {
    throw new FormatError(`a marker without a membership: ${String(error)}`);
  }
}

function writeOptional(writer: ByteWriter, bytes: Uint8Array | null): void {
  writer.uint32(bytes?.length ?? NONE);
  if (bytes !== null) {
    writer.put(bytes);
  }
}

function readOptional(reader: ByteReader): Uint8Array | null {
  const length = reader.uint32();
  return length === NONE ? null : reader.take(length);
}
