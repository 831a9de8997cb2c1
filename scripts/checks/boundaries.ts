import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { importsOf, type ImportUse } from "./imports.ts";
import type { Access, Room } from "./rooms.ts";
import type { Sources } from "./sources.ts";

/** What the boundaries are judged by. */
export interface HousePlan {
  readonly rooms: Readonly<Record<string, Room>>;
  /** Exports of the package: own name, such as `kvorum/raft`, to source file. */
  readonly entries: ReadonlyMap<string, string>;
  /** Packages that users of this one install too. */
  readonly dependencies: readonly string[];
}

/** Every import that the table of rooms does not allow. */
export function boundaryProblems(sources: Sources, plan: HousePlan): string[] {
  return [...sources].flatMap(([path, text]) => {
    const room = plan.rooms[roomOf(path)];
    if (room === undefined) {
      return [`${path}: there is no room "${roomOf(path)}" in scripts/checks/rooms.ts`];
    }
    return importsOf(path, text).flatMap((use) => {
      const problem = importProblem(path, room, use, plan);
      return problem === null ? [] : [`${path}:${use.line}: ${problem}`];
    });
  });
}

/** The room that a file belongs to. A file at the root, such as `mod.ts`, is its own room. */
export function roomOf(path: string): string {
  return path.split("/")[0] ?? path;
}

/**
 * The file of this repository that an import means, `null` for a package or a
 * module of Node.
 */
export function importedFile(
  path: string,
  specifier: string,
  entries: ReadonlyMap<string, string>,
): string | null {
  return specifier.startsWith(".")
    ? posix.join(posix.dirname(path), specifier)
    : entries.get(specifier) ?? null;
}

function importProblem(path: string, room: Room, use: ImportUse, plan: HousePlan): string | null {
  const target = importedFile(path, use.specifier, plan.entries);
  if (target !== null) {
    return roomProblem(path, room, use, target, plan);
  }
  if (isBuiltin(use.specifier)) {
    return room.nodeModules ? null : `${roomOf(path)} may not import ${use.specifier}`;
  }
  return packageProblem(path, room, use.specifier, plan.dependencies);
}

function roomProblem(
  path: string,
  room: Room,
  use: ImportUse,
  target: string,
  plan: HousePlan,
): string | null {
  const [own, other] = [roomOf(path), roomOf(target)];
  if (own === other || room.rooms === "anything") {
    return null;
  }
  const access = Object.hasOwn(room.rooms, other) ? room.rooms[other] : undefined;
  if (access === undefined) {
    return `${own} may not import ${other}`;
  }
  if (![...plan.entries.values()].includes(target)) {
    return `${target} is internal to ${other}; import its mod.ts`;
  }
  return accessProblem(own, other, access, use);
}

function accessProblem(
  own: string,
  other: string,
  access: Access,
  use: ImportUse,
): string | null {
  if (access === "all" || use.typeOnly) {
    return null;
  }
  if (access === "types") {
    return `${own} may import only types from ${other}: write "import type"`;
  }
  const refused = use.values.filter((name) => !access.values.includes(name));
  return refused.length === 0
    ? null
    : `${own} may import types from ${other}, but not ${refused.join(", ")}`;
}

function packageProblem(
  path: string,
  room: Room,
  specifier: string,
  dependencies: readonly string[],
): string | null {
  const name = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  if (room.packages === "anything") {
    return null;
  }
  const allowed = room.packages === "dependencies" ? dependencies : room.packages;
  return allowed.includes(name) ? null : `${roomOf(path)} may not import the package ${name}`;
}
