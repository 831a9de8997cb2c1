import { join } from "node:path";
import { nanoid } from "nanoid";
import type { FileSystem } from "../../storage/mod.ts";
import { DataDirectoryError } from "./errors.ts";
import { clusterIdOf, foundingMemberId } from "./identity.ts";
import { readSmallFile, writeSmallFile } from "./small_file.ts";

/** What a member's first start is given; later ones find the identity in the directory. */
export interface Founding {
  readonly peerUrls: readonly string[];
  readonly clusterToken: string;
}

/** Who the member of a data directory is. Written once, when the directory is founded. */
export interface MemberIdentity {
  /** 16 hex digits each. */
  readonly clusterId: string;
  readonly memberId: string;
  /** Tells this directory from a later one of the same member, whose data would be new. */
  readonly incarnation: string;
  /** Ids of the members that founded the cluster. */
  readonly foundingVoters: readonly string[];
  readonly peerUrls: readonly string[];
}

/** Version of the layout of a data directory and of all formats in it. */
const FORMAT_VERSION = 1;

/** Marks a directory as a member's. */
export const IDENTITY_FILE = "kvorum.json";

/**
 * Reads who the member of a directory is, `null` if the directory has none.
 *
 * @throws {DataDirectoryError} if the file is damaged or was written by a newer version.
 */
export async function readMemberIdentity(
  fileSystem: FileSystem,
  directory: string,
): Promise<MemberIdentity | null> {
  const content = await readSmallFile(fileSystem, join(directory, IDENTITY_FILE));
  if (content === null) {
    return null;
  }
  const record = parseRecord(directory, content);
  const format = record["format"];
  if (format !== FORMAT_VERSION) {
    throw new DataDirectoryError(
      directory,
      typeof format === "number" && format > FORMAT_VERSION
        ? `has format ${format}, written by a newer version of Kvorum; this one knows format ${FORMAT_VERSION}: start the newer version`
        : `is damaged: ${IDENTITY_FILE} names no format`,
    );
  }
  const { clusterId, memberId, incarnation, foundingVoters, peerUrls } = record;
  if (
    !isHexId(clusterId) || !isHexId(memberId) || typeof incarnation !== "string" ||
    !isStrings(foundingVoters) || !isStrings(peerUrls)
  ) {
    throw new DataDirectoryError(directory, `is damaged: ${IDENTITY_FILE} is incomplete`);
  }
  return { clusterId, memberId, incarnation, foundingVoters, peerUrls };
}

/** Gives the member of an empty directory its identity. */
export async function writeMemberIdentity(
  fileSystem: FileSystem,
  directory: string,
  { peerUrls, clusterToken }: Founding,
): Promise<MemberIdentity> {
  const memberId = foundingMemberId(peerUrls, clusterToken);
  const identity: MemberIdentity = {
    clusterId: clusterIdOf([memberId]),
    memberId,
    incarnation: nanoid(),
    foundingVoters: [memberId],
    peerUrls,
  };
  const content = `${JSON.stringify({ format: FORMAT_VERSION, ...identity }, null, 2)}\n`;
  await writeSmallFile(fileSystem, join(directory, IDENTITY_FILE), content);
  return identity;
}

function parseRecord(directory: string, content: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === "object" && value !== null) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Told below.
  }
  throw new DataDirectoryError(directory, `is damaged: ${IDENTITY_FILE} is not a JSON object`);
}

function isHexId(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{16}$/.test(value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
