import type { FileSystem } from "../../../storage/mod.ts";

/** What a broken file system may know of its testbed. */
export interface World {
  /** 1 for the first life, and one more after each power cut. */
  life: number;
  /** What a power cut does beside losing what is not durable. */
  readonly damage: ((files: FileSystem) => Promise<void>)[];
}

/** Makes a file system that breaks one requirement out of one that breaks none. */
export type Break = (files: FileSystem, world: World) => FileSystem;

/** A way to be wrong, and the one requirement that it breaks. */
export interface BrokenFileSystem {
  readonly what: string;
  readonly breaks: string;
  readonly breakIt: Break;
}
