import type { OpenFile } from "../../storage/mod.ts";
import type { FileContent } from "./file_content.ts";
import { FileSystemError } from "./file_errors.ts";
import type { FileCall } from "./simulated_file_system.ts";

/** How an open file reaches its disk. */
export interface SimulatedOpenFileOptions {
  /** Whether a write is answered only once it is durable. */
  readonly writesDurably: boolean;
  /** Makes a call; see `SimulatedFileSystem`. */
  readonly call: <Value>(call: FileCall, start: () => () => Value) => Promise<Value>;
}

/** A file of a `SimulatedFileSystem`. */
export class SimulatedOpenFile implements OpenFile {
  readonly #content: FileContent;
  readonly #options: SimulatedOpenFileOptions;
  #isClosed = false;

  constructor(content: FileContent, options: SimulatedOpenFileOptions) {
    this.#content = content;
    this.#options = options;
  }

  read(target: Uint8Array, offset: number): Promise<number> {
    return this.#call("read", () => () => this.#content.read(target, offset));
  }

  write(bytes: Uint8Array, offset: number): Promise<void> {
    const { writesDurably } = this.#options;
    return this.#call(writesDurably ? "writeDurably" : "write", () => {
      const settle = this.#content.write(bytes, offset);
      return writesDurably ? settle : () => {};
    });
  }

  dataSync(): Promise<void> {
    return this.#call("dataSync", () => this.#content.sync());
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#call("truncate", () => {
      this.#content.truncate(sizeBytes);
      return () => {};
    });
  }

  size(): Promise<number> {
    return this.#call("size", () => () => this.#content.size);
  }

  close(): Promise<void> {
    return this.#call("close", () => {
      this.#isClosed = true;
      return () => {};
    });
  }

  #call<Value>(call: FileCall, start: () => () => Value): Promise<Value> {
    return this.#options.call(call, () => {
      if (this.#isClosed) {
        throw new FileSystemError("EBADF", "closed");
      }
      return start();
    });
  }
}
