import * as fs from "node:fs";
import type { OpenFile } from "../file_system.ts";
import { ClosedFileError } from "./closed_file_error.ts";

/** How a `NodeOpenFile` writes. */
export interface NodeOpenFileOptions {
  /** Sync after each write, where the operating system has no `O_DSYNC`. */
  readonly syncAfterWrite: boolean;
}

/** A file descriptor as an `OpenFile`. Each call is one trip to the thread pool. */
export class NodeOpenFile implements OpenFile {
  /** `null` once it was closed: the system gives the number to the next file. */
  #openDescriptor: number | null;
  readonly #syncAfterWrite: boolean;

  constructor(descriptor: number, options: NodeOpenFileOptions) {
    this.#openDescriptor = descriptor;
    this.#syncAfterWrite = options.syncAfterWrite;
  }

  read(target: Uint8Array, offset: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#read(target, offset, 0, resolve, reject);
    });
  }

  write(bytes: Uint8Array, offset: number): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.#write(bytes, offset, 0, resolve, reject);
    });
    return this.#syncAfterWrite ? written.then(() => this.dataSync()) : written;
  }

  dataSync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#descriptor, (error) => error === null ? resolve() : reject(error));
    });
  }

  truncate(sizeBytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.ftruncate(
        this.#descriptor,
        sizeBytes,
        (error) => error === null ? resolve() : reject(error),
      );
    });
  }

  size(): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.fstat(
        this.#descriptor,
        (error, stats) => error === null ? resolve(stats.size) : reject(error),
      );
    });
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      const descriptor = this.#descriptor;
      this.#openDescriptor = null;
      fs.close(descriptor, (error) => error ? reject(error) : resolve());
    });
  }

  get #descriptor(): number {
    if (this.#openDescriptor === null) {
      throw new ClosedFileError();
    }
    return this.#openDescriptor;
  }

  /** Reads on after a short read, which may come before the end of the file. */
  #read(
    target: Uint8Array,
    offset: number,
    done: number,
    resolve: (bytesRead: number) => void,
    reject: (error: Error) => void,
  ): void {
    const descriptor = this.#openDescriptor;
    if (descriptor === null) {
      reject(new ClosedFileError());
      return;
    }
    const missing = target.length - done;
    if (missing === 0) {
      resolve(done);
      return;
    }
    fs.read(descriptor, target, done, missing, offset + done, (error, bytesRead) => {
      if (error !== null) {
        reject(error);
      } else if (bytesRead === 0) {
        resolve(done);
      } else {
        this.#read(target, offset, done + bytesRead, resolve, reject);
      }
    });
  }

  /** Writes on after a short write: where the disk is full, the next one says so. */
  #write(
    bytes: Uint8Array,
    offset: number,
    done: number,
    resolve: () => void,
    reject: (error: Error) => void,
  ): void {
    const descriptor = this.#openDescriptor;
    if (descriptor === null) {
      reject(new ClosedFileError());
      return;
    }
    const missing = bytes.length - done;
    fs.write(descriptor, bytes, done, missing, offset + done, (error, bytesWritten) => {
      if (error !== null) {
        reject(error);
      } else if (bytesWritten === missing) {
        resolve();
      } else {
        this.#write(bytes, offset, done + bytesWritten, resolve, reject);
      }
    });
  }
}
