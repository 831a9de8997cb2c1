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

/** An open file. Reads and writes are positional, so they may overlap. */
export interface OpenFile {
  /**
   * Reads into `target` from `offset` on.
   * Resolves with the number of bytes read, less than asked for only at the end of the file.
   */
  read(target: Uint8Array, offset: number): Promise<number>;

  /** Writes all of `bytes` at `offset`. The caller changes them only after it resolved. */
  write(bytes: Uint8Array, offset: number): Promise<void>;

  /** Makes the data durable, and of the metadata what is needed to read them. */
  dataSync(): Promise<void>;

  /** Sets the size; what is new reads as zeros. */
  truncate(sizeBytes: number): Promise<void>;

  size(): Promise<number>;

  close(): Promise<void>;
}

/** A lock that dies with its process. */
export interface FileLock {
  release(): Promise<void>;
}

/**
 * The few file operations that the WAL and the snapshot files need. Paths are
 * those of the operating system. Errors are those of Node, with a `code` such
 * as `ENOENT`.
 */
export interface FileSystem {
  open(path: string, options: OpenOptions): Promise<OpenFile>;

  /** Names in a directory, sorted. */
  list(directory: string): Promise<string[]>;

  /**
   * Creates a directory and those above it, readable by the owner alone, and makes them durable.
   * No error if it is there.
   */
  createDirectory(path: string): Promise<void>;

  /** Replaces `to` atomically. Durable once both directories are synced. */
  rename(from: string, to: string): Promise<void>;

  /** Removes a file. No error if it is not there. */
  remove(path: string): Promise<void>;

  /** Makes creations, renames and removals in a directory durable. */
  syncDirectory(path: string): Promise<void>;

  /**
   * Takes the exclusive lock that the file at `path` stands for, creating it where needed.
   *
   * @throws {LockedError} if another process, or this one, holds it.
   */
  lock(path: string): Promise<FileLock>;
}
