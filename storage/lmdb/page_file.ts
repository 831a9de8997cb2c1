import type { OpenFile } from "../file_system.ts";
import { BackendDamagedError } from "./errors.ts";
import { type PageHeader, readPageHeader } from "./file_format.ts";

/** What is read of a file. */
export type ReadableFile = Pick<OpenFile, "read" | "size">;

/** What a `PageFile` knows of its file. */
export interface PageFileOptions {
  /** Path, for messages. */
  readonly path: string;
  readonly pageBytes: number;
  readonly sizeBytes: number;
  readonly lastPage: number;
  /** The newest transaction. No page can be of a later one. */
  readonly transaction: number;
}

/** Pages of a state in a file, each checked to be the one that is asked for. */
export class PageFile {
  readonly #file: ReadableFile;
  readonly #options: PageFileOptions;

  constructor(file: ReadableFile, options: PageFileOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** Pages that are in the file as a whole. */
  get wholePages(): number {
    return Math.floor(this.#options.sizeBytes / this.#options.pageBytes);
  }

  get lastPage(): number {
    return this.#options.lastPage;
  }

  get pageBytes(): number {
    return this.#options.pageBytes;
  }

  /** Whether a number may be that of a page with data. */
  has(page: number): boolean {
    return page >= 2 && page <= this.#options.lastPage;
  }

  /**
   * Reads a page, or several in a row of which only the first has a header.
   * `from` is where the file tells of it.
   */
  async read(page: number, { count = 1, from }: { count?: number; from: number }): Promise<Page> {
    const { pageBytes, transaction } = this.#options;
    if (!this.has(page) || count < 1 || !this.has(page + count - 1)) {
      throw this.damage(
        from,
        `names page ${page}, and the last one is ${this.#options.lastPage}`,
      );
    }
    const offset = page * pageBytes;
    if (page + count > this.wholePages) {
      throw this.damage(
        this.#options.sizeBytes,
        `the file ends here, at ${this.#options.sizeBytes} bytes, before the end of page ${
          page + count - 1
        }, which is in use: it was cut short`,
      );
    }
    const bytes = new Uint8Array(pageBytes * count);
    await this.#file.read(bytes, offset);
    const header = readPageHeader(bytes);
    if (header.pageNumber !== page) {
      throw this.damage(offset, `page ${page} has the number ${header.pageNumber} in it`);
    }
    if (header.transaction > transaction) {
      throw this.damage(
        offset + 8,
        `page ${page} is of transaction ${header.transaction}, and the newest one is ${transaction}`,
      );
    }
    return { ...header, offset, bytes };
  }

  damage(offset: number, what: string): BackendDamagedError {
    return new BackendDamagedError(this.#options.path, offset, what);
  }
}

/** A page that was read, or a row of them. */
export interface Page extends PageHeader {
  /** In the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The file, with errors of reading told as damage, and where: a bad sector says
 * so by an error, and the operator is to be told of the file that it is in.
 */
export function withReadErrorsAsDamage(file: ReadableFile, path: string): ReadableFile {
  return {
    read: (target, offset) => attempt(() => file.read(target, offset), { path, offset }),
    size: () => attempt(() => file.size(), { path, offset: 0 }),
  };
}

async function attempt<T>(
  call: () => Promise<T>,
  { path, offset }: { readonly path: string; readonly offset: number },
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BackendDamagedError(path, offset, `it cannot be read here: ${why}`, { cause: error });
  }
}
