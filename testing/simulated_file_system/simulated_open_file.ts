import type { OpenFile } from "../../storage/mod.ts";
import type { FileCall } from "./file_call.ts";
import type { FailedSync, FileContent } from "./file_content.ts";
import { type FileErrorCode, FileSystemError } from "./file_errors.ts";
import type { FaultyCall, FileFault } from "./file_fault.ts";

/** What a call does at once; it returns what happens when it is done, which gives the answer. */
export type StartCall<Value> = (fault: FileFault | null) => () => Value;

/** How an open file reaches its disk. */
export interface SimulatedOpenFileOptions {
  readonly path: string;
  /** Whether it may be written to. */
  readonly isWritable: boolean;
  /** Whether a write is answered only once it is durable. */
  readonly writesDurably: boolean;
  /** How many more blocks the disk can give out. */
  readonly blocksLeft: () => number;
  /** Makes a call; see `SimulatedFileSystem`. */
  readonly call: <Value>(
    call: Omit<FaultyCall, "path">,
    start: StartCall<Value>,
  ) => Promise<Value>;
  /** Is told of a call that is answered as if it had made durable what is lost. */
  readonly onLost: (call: FileCall) => void;
}

/** A file of a `SimulatedFileSystem`. */
export class SimulatedOpenFile implements OpenFile {
  readonly #content: FileContent;
  readonly #options: SimulatedOpenFileOptions;
  #isClosed = false;
  /** The last failed sync that was told to whoever opened it. */
  #toldOf: FailedSync | null;

  constructor(content: FileContent, options: SimulatedOpenFileOptions) {
    this.#content = content;
    this.#options = options;
    this.#toldOf = content.failure;
  }

  read(target: Uint8Array, offset: number): Promise<number> {
    const { length: bytes } = target;
    return this.#call({ call: "read", bytes }, (fault) => () => {
      this.#throwIfFaulty(fault);
      const length = fault?.type === "shortRead" ? fault.bytes : target.length;
      return this.#content.read(target.subarray(0, length), offset);
    });
  }

  write(bytes: Uint8Array, offset: number): Promise<void> {
    const { writesDurably, blocksLeft } = this.#options;
    const call = writesDurably ? "writeDurably" : "write";
    const isIntoHole = !this.#content.isOverDurable(offset, bytes.length);
    return this.#call({ call, bytes: bytes.length, isIntoHole }, (fault) => {
      this.#assertWritable();
      const isFaulty = fault?.type === "error";
      const fitting = this.#content.fitting(offset, bytes.length, blocksLeft());
      const written = isFaulty ? Math.min(fitting, fault.writtenBytes ?? 0) : fitting;
      const settle = this.#content.write(bytes.subarray(0, written), offset);
      if (isFaulty || written < bytes.length) {
        return () => this.#failWrite(isFaulty ? fault.code : "ENOSPC");
      }
      return () => {
        if (writesDurably && fault?.type === "readOnlyMoment") {
          this.#syncWithoutMetadata("writeDurably");
        } else if (writesDurably) {
          this.#assertDurable(settle());
        }
      };
    });
  }

  dataSync(): Promise<void> {
    return this.#call({ call: "dataSync" }, (fault) => {
      const settle = this.#content.sync();
      return () => {
        if (fault?.type === "readOnlyMoment") {
          this.#syncWithoutMetadata("dataSync");
          return;
        }
        if (fault?.type === "error") {
          this.#forget(fault.code);
        }
        this.#throwIfFaulty(fault);
        this.#assertDurable(settle());
      };
    });
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#call({ call: "truncate" }, (fault) => {
      this.#assertWritable();
      if (fault?.type === "readOnlyMoment") {
        throw new FileSystemError("EROFS", this.#options.path);
      }
      if (fault?.type !== "error") {
        this.#content.truncate(sizeBytes);
      }
      return () => this.#throwIfFaulty(fault);
    });
  }

  size(): Promise<number> {
    return this.#call({ call: "size" }, (fault) => () => {
      this.#throwIfFaulty(fault);
      return this.#content.size;
    });
  }

  close(): Promise<void> {
    return this.#call({ call: "close" }, (fault) => {
      this.#isClosed = true;
      return () => this.#throwIfFaulty(fault);
    });
  }

  #syncWithoutMetadata(call: FileCall): void {
    if (!this.#content.syncWithoutMetadata()) {
      this.#options.onLost(call);
    }
  }

  #failWrite(code: FileSystemError["code"]): void {
    if (this.#options.writesDurably) {
      this.#forget(code);
    }
    throw new FileSystemError(code, this.#options.path);
  }

  #throwIfFaulty(fault: FileFault | null): void {
    if (fault?.type === "error") {
      throw new FileSystemError(fault.code, this.#options.path);
    }
  }

  #forget(code: FileErrorCode): void {
    this.#content.forget(code);
    this.#toldOf = this.#content.failure;
  }

  /**
   * Linux tells of a failed sync once to each opening of a file that waits for one.
   * Whoever waits for a second one through the same hears nothing.
   */
  #assertDurable(isDurable: boolean): void {
    const { failure } = this.#content;
    if (!isDurable && failure !== null && failure !== this.#toldOf) {
      this.#toldOf = failure;
      throw new FileSystemError(failure.code, this.#options.path);
    }
  }

  #assertWritable(): void {
    if (!this.#options.isWritable) {
      throw new FileSystemError("EBADF", this.#options.path);
    }
  }

  #call<Value>(
    { call, bytes = 0, isIntoHole = false }:
      & Pick<FaultyCall, "call">
      & Partial<Pick<FaultyCall, "bytes" | "isIntoHole">>,
    start: StartCall<Value>,
  ): Promise<Value> {
    return this.#options.call({ call, bytes, isIntoHole }, (fault) => {
      if (this.#isClosed) {
        throw new FileSystemError("EBADF", this.#options.path);
      }
      return start(fault);
    });
  }
}
