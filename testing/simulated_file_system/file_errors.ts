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
  EACCES: "permission denied",
  EBADF: "bad file descriptor",
  EDQUOT: "disk quota exceeded",
  EEXIST: "file already exists",
  EFBIG: "file too large",
  EIO: "i/o error",
  EISDIR: "illegal operation on a directory",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  EROFS: "read-only file system",
} as const;
