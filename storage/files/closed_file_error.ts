/**
 * A file is used after it was closed. Its descriptor may by now be that of
 * another file, so the operating system cannot be asked to refuse.
 */
export class ClosedFileError extends Error {
  /** What the operating system says of a descriptor that it does not know. */
  readonly code = "EBADF";

  constructor() {
    super("EBADF: the file was closed");
    this.name = "ClosedFileError";
  }
}
