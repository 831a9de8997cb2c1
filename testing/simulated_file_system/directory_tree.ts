import type { FileContent } from "./file_content.ts";
import { FileSystemError } from "./file_errors.ts";

/** A change of a directory's names that is not known to be durable. */
interface NameChange {
  /** Names that come or go, all at once: `null` for one that goes. */
  readonly names: readonly (readonly [name: string, content: FileContent | null])[];
}

interface Directory {
  readonly current: Map<string, FileContent>;
  readonly durable: Map<string, FileContent>;
  /** In order. A power cut leaves the oldest ones, as many as it likes. */
  changes: NameChange[];
}

/**
 * Names of files in directories, as programs see them and as a power cut would
 * leave them. A name is durable on its own account: syncing a file says nothing
 * of its name.
 */
export class DirectoryTree {
  /** Files whose locks running processes hold. A power cut frees them all. */
  readonly locked: Set<FileContent> = new Set();
  readonly #directories = new Map<string, Directory>();

  /** Paths of the directories, in the order of their creation. */
  get directories(): string[] {
    return [...this.#directories.keys()];
  }

  /** Creates a directory and those above it, durably. */
  create(path: string): void {
    const parts = withParents(path);
    for (const part of parts) {
      if (this.find(part) !== undefined) {
        throw new FileSystemError(part === path ? "EEXIST" : "ENOTDIR", path);
      }
    }
    for (const part of parts) {
      if (!this.#directories.has(part)) {
        this.#directories.set(part, { current: new Map(), durable: new Map(), changes: [] });
      }
    }
  }

  /** What all files take of the disk. */
  get allocatedBytes(): number {
    let bytes = 0;
    for (const { current } of this.#directories.values()) {
      for (const content of current.values()) {
        bytes += content.allocatedBytes;
      }
    }
    return bytes;
  }

  /** Sorted names of the files in a directory, and of the directories. */
  list(path: string): string[] {
    const names = new Set(this.#directory(path).current.keys());
    for (const other of this.#directories.keys()) {
      if (other !== path && parentOf(other) === path) {
        names.add(nameOf(other));
      }
    }
    return [...names].sort();
  }

  /** Whether a directory has this path. */
  isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  find(path: string): FileContent | undefined {
    return this.#directories.get(parentOf(path))?.current.get(nameOf(path));
  }

  add(path: string, content: FileContent): void {
    change(this.#directory(parentOf(path)), [[nameOf(path), content]]);
  }

  /** Removes a name, if it is there. */
  remove(path: string): void {
    const directory = this.#directories.get(parentOf(path));
    if (directory?.current.has(nameOf(path)) === true) {
      change(directory, [[nameOf(path), null]]);
    }
  }

  /** Renames at once within a directory; across two, each of them has a change of its own. */
  rename(from: string, to: string): void {
    const content = this.find(from);
    if (content === undefined) {
      throw new FileSystemError("ENOENT", from);
    }
    if (this.isDirectory(to)) {
      throw new FileSystemError("EISDIR", to);
    }
    const [source, target] = [this.#directory(parentOf(from)), this.#directory(parentOf(to))];
    if (source === target) {
      change(source, [[nameOf(from), null], [nameOf(to), content]]);
    } else {
      change(target, [[nameOf(to), content]]);
      change(source, [[nameOf(from), null]]);
    }
  }

  /** Changes of a directory that are not durable. */
  unsynced(path: string): number {
    return this.#directory(path).changes.length;
  }

  /** Returns what makes the changes of a directory up to now durable. */
  sync(path: string): () => void {
    const directory = this.#directory(path);
    const changes = [...directory.changes];
    return () => {
      for (const each of changes.filter((one) => directory.changes.includes(one))) {
        apply(each, directory.durable);
      }
      directory.changes = directory.changes.filter((one) => !changes.includes(one));
    };
  }

  /**
   * What a power cut leaves.
   *
   * @param surviving which changes of a directory survive: so many of the oldest, or
   * these, oldest first.
   * @param contentOf what is left of a file's content.
   */
  afterPowerCut(
    surviving: (directory: string, changes: number) => number | readonly boolean[],
    contentOf: (content: FileContent) => FileContent,
  ): DirectoryTree {
    const tree = new DirectoryTree();
    const contents = new Map<FileContent, FileContent>();
    for (const [path, { durable, changes }] of this.#directories) {
      const names = new Map(durable);
      const left = surviving(path, changes.length);
      changes.filter((_, at) => typeof left === "number" ? at < left : left[at])
        .forEach((each) => apply(each, names));
      const survivors = new Map<string, FileContent>();
      for (const [name, content] of names) {
        const left = contents.get(content) ?? contentOf(content);
        contents.set(content, left);
        survivors.set(name, left);
      }
      tree.#directories.set(path, {
        current: survivors,
        durable: new Map(survivors),
        changes: [],
      });
    }
    return tree;
  }

  #directory(path: string): Directory {
    const directory = this.#directories.get(path);
    if (directory === undefined) {
      throw new FileSystemError("ENOENT", path);
    }
    return directory;
  }
}

/** The directory that a path lies in. */
function parentOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end === -1 ? "" : path.slice(0, end);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A path after all that lie above it. */
function withParents(path: string): string[] {
  return path === "" ? [""] : [...withParents(parentOf(path)), path];
}

function change(directory: Directory, names: NameChange["names"]): void {
  const made = { names };
  apply(made, directory.current);
  directory.changes.push(made);
}

function apply({ names }: NameChange, to: Map<string, FileContent>): void {
  for (const [name, content] of names) {
    if (content === null) {
      to.delete(name);
    } else {
      to.set(name, content);
    }
  }
}
