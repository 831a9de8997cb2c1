/** How a file is opened. */
export interface OpenOptions {
  /**
   * - `read`: must exist.
   * - `write`: must exist; read and written.
   * - `create`: must not exist; read and written.
   */
  readonly mode: "read" | "write" | "create";
  /** Each write returns only after its data are durable (`O_DSYNC`). Default: false. */
  readonly dataSync?: boolean;
}

/**
 * An open file. Reads and writes are positional, so they may overlap. What one
 * handle writes, all handles of the file read, whatever becomes of its name.
 */
export interface OpenFile {
  /**
   * Reads into `target` from `offset` on.
   * Resolves with the number of bytes read, less than asked for only at the end of the file:
   * 0 there and beyond.
   */
  read(target: Uint8Array, offset: number): Promise<number>;

  /**
   * Writes all of `bytes` at `offset`; a gap before it reads as zeros.
   * The caller changes them only after it resolved.
   */
  write(bytes: Uint8Array, offset: number): Promise<void>;

  /**
   * Makes the data durable, and of the metadata what is needed to read them:
   * all that was written before, through whatever handle and in whatever process.
   */
  dataSync(): Promise<void>;

  /** Sets the size; what is new reads as zeros. */
  truncate(sizeBytes: number): Promise<void>;

  size(): Promise<number>;

  /** Called once all else has been answered. From then on every call rejects. */
  close(): Promise<void>;
}

/** A lock that dies with its process. */
export interface FileLock {
  /** Frees the lock. Does nothing if it was released before. */
  release(): Promise<void>;
}

/**
 * The few file operations that the WAL and the snapshot files need. Paths are
 * those of the operating system. Errors are those of Node, with a `code` such
 * as `ENOENT`; the next call is not the worse for them.
 *
 * `fileSystemCases` of `kvorum/testing` tries an implementation.
 */
export interface FileSystem {
  open(path: string, options: OpenOptions): Promise<OpenFile>;

  /** Names in a directory, of files and of directories, sorted as `Array.sort` does. */
  list(directory: string): Promise<string[]>;

  /**
   * Creates a directory and those above it, readable by the owner alone, and makes them durable.
   * No error if it is there.
   */
  createDirectory(path: string): Promise<void>;

  /**
   * Gives a file another name, in place of the file that has it: `to` is there all the time.
   * Durable once both directories are synced; until then a power cut may leave `to` as it was.
   */
  rename(from: string, to: string): Promise<void>;

  /** Removes a file. No error if it is not there. */
  remove(path: string): Promise<void>;

  /** Makes creations, renames and removals in a directory durable. */
  syncDirectory(path: string): Promise<void>;

  /**
   * Takes the exclusive lock that the file at `path` stands for, creating it where needed.
   * Its content is the implementation's own.
   *
   * @throws {LockedError} if another process, or this one, holds it.
   */
  lock(path: string): Promise<FileLock>;
}
