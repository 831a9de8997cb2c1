/** An error of the operating system, as Node's file functions have it. */
export class FileSystemError extends Error {
  readonly code: FileErrorCode;
  readonly path: string;

  constructor(code: FileErrorCode, path: string) {
    super(`${code}: ${DESCRIPTIONS[code]}, '${path}'`);
    this.name = "FileSystemError";
    this.code = code;
    this.path = path;
  }
}

export type FileErrorCode = keyof typeof DESCRIPTIONS;

const DESCRIPTIONS = {
  EBADF: "bad file descriptor",
  EEXIST: "file already exists",
  ENOENT: "no such file or directory",
} as const;
