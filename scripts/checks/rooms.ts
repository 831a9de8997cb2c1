/**
 * Which folder may import what. This is the one table of it; `boundaries.ts`
 * enforces it.
 *
 * @module
 */

/**
 * What one room may take from another one's `mod.ts`: everything, types alone
 * (by `import type`, of which nothing is left at run time), or types and these
 * values.
 */
export type Access = "all" | "types" | { readonly values: readonly string[] };

/** What one folder may import. */
export interface Room {
  /** Other rooms, by name. `"anything"` is for what nobody imports. */
  readonly rooms: Readonly<Record<string, Access>> | "anything";
  /** Packages from npm. `"dependencies"` are those that users of the package install too. */
  readonly packages: readonly string[] | "dependencies" | "anything";
  /** Modules of Node. Where they are allowed, the browser check still guards the `mod.ts`. */
  readonly nodeModules: boolean;
}

/**
 * What the contracts of Raft's interfaces are made of beside types: the errors
 * that they name, the values that a log starts with, the stored form of a
 * membership, and the assertion that stops a member.
 */
const CONTRACT_OF_RAFT: Access = {
  values: [
    "CompactedError",
    "decodeMembership",
    "encodeMembership",
    "INITIAL_HARD_STATE",
    "invariant",
    "InvariantError",
    "membershipOf",
    "WHOLE_LOG",
  ],
};

const NOTHING: Room = { rooms: {}, packages: [], nodeModules: false };
const ANYTHING: Room = { rooms: "anything", packages: "anything", nodeModules: true };

/** By folder; `mod.ts` is the front door. A folder that is missing here may not hold code. */
export const ROOMS: Readonly<Record<string, Room>> = {
  "mod.ts": {
    ...NOTHING,
    rooms: {
      raft: "all",
      storage: "all",
      transport: "all",
      mvcc: "all",
      lease: "all",
      watch: "all",
    },
  },
  raft: NOTHING,
  storage: { rooms: { raft: CONTRACT_OF_RAFT }, packages: ["lmdb"], nodeModules: true },
  transport: {
    rooms: { raft: CONTRACT_OF_RAFT },
    packages: ["@msgpack/msgpack", "ws"],
    nodeModules: true,
  },
  mvcc: { ...NOTHING, rooms: { storage: "types" } },
  lease: NOTHING,
  watch: { ...NOTHING, rooms: { mvcc: "types" } },
  testing: {
    ...NOTHING,
    rooms: {
      raft: "all",
      storage: "all",
      transport: "all",
      mvcc: "all",
      lease: "all",
      watch: "all",
    },
  },
  wire: { ...NOTHING, packages: ["@msgpack/msgpack"] },
  proto: { ...NOTHING, packages: ["@bufbuild/protobuf"] },
  server: {
    rooms: {
      raft: "all",
      storage: "all",
      transport: "all",
      mvcc: "all",
      lease: "all",
      watch: "all",
      wire: "all",
      proto: "all",
    },
    packages: "dependencies",
    nodeModules: true,
  },
  client: { ...NOTHING, rooms: { wire: "all" }, packages: ["@msgpack/msgpack"] },
  ctl: {
    rooms: { client: "all", storage: "all", server: "all" },
    packages: "dependencies",
    nodeModules: true,
  },
  bench: ANYTHING,
  // Written as users would: they have the package's exports and what they install.
  examples: {
    rooms: { raft: "all", storage: "all", transport: "all", mvcc: "all", testing: "all" },
    packages: "dependencies",
    nodeModules: true,
  },
  test: ANYTHING,
  // The simulator runs from the command line.
  scripts: { ...ANYTHING, rooms: { testing: "all" } },
};
