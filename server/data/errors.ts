/** A data directory cannot be used. The message says what to do where that is not plain. */
export class DataDirectoryError extends Error {
  readonly code = "DATA_DIRECTORY";
  readonly path: string;

  constructor(path: string, problem: string, cause?: unknown) {
    super(`Data directory ${path} ${problem}`, cause === undefined ? {} : { cause });
    this.name = "DataDirectoryError";
    this.path = path;
  }
}
