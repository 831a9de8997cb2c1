import type { FileSystem, OpenFile } from "../../../storage/mod.ts";
import type { BrokenFileSystem } from "./broken_file_system.ts";
import {
  contentOf,
  delegate,
  failure,
  isThere,
  withFile,
  withFiles,
} from "./wrapped_file_system.ts";

/** File systems that treat the bytes of files wrongly. */
export const BROKEN_CONTENT: readonly BrokenFileSystem[] = [
  {
    what: "appends what is to be overwritten",
    breaks: "bytes are written and read where it is said, and others stay",
    breakIt: (files) =>
      withFile(files, "positions", ({ file }) => ({
        write: async (bytes, offset) =>
          await file.write(bytes, Math.max(offset, await file.size())),
      })),
  },
  {
    what: "reads whole blocks of 8 bytes from their beginning",
    breaks: "bytes are written and read where it is said, and others stay",
    breakIt: (files) =>
      withFile(files, "positions", ({ file }) => ({
        read: (target, offset) => file.read(target, offset - offset % 8),
      })),
  },
  {
    what: "has one position for all that is under way in a file",
    breaks: "reads and writes that overlap in time do not disturb each other",
    breakIt: (files) =>
      withFiles(files, ({ file }) => {
        let position = 0;
        return {
          async read(target, offset) {
            position = offset;
            await file.size();
            return await file.read(target, position);
          },
          async write(bytes, offset) {
            position = offset;
            await file.size();
            await file.write(bytes, position);
          },
        };
      }),
  },
  {
    what: "reads 64 KiB at most",
    breaks: "a read is short only at the end of the file",
    breakIt: (files) =>
      withFiles(files, ({ file }) => ({
        read: (target, offset) => file.read(target.subarray(0, 65_536), offset),
      })),
  },
  {
    what: "says that it read the whole target at the end too",
    breaks: "a read is short only at the end of the file",
    breakIt: (files) =>
      withFiles(files, ({ file }) => ({
        async read(target, offset) {
          const bytesRead = await file.read(target, offset);
          return bytesRead > 0 ? target.length : 0;
        },
      })),
  },
  {
    what: "fails where there is nothing to read",
    breaks: "a read at the end or beyond gives 0",
    breakIt: (files) =>
      withFiles(files, ({ file }) => ({
        read: async (target, offset) =>
          offset >= await file.size()
            ? await Promise.reject(failure("EINVAL"))
            : await file.read(target, offset),
      })),
  },
  {
    what: "refuses an empty target",
    breaks: "a read into an empty target gives 0",
    breakIt: (files) =>
      withFiles(files, ({ file }) => ({
        read: (target, offset) =>
          target.length === 0
            ? Promise.reject(new RangeError("the target is empty"))
            : file.read(target, offset),
      })),
  },
  {
    what: "writes 1 MiB at most",
    breaks: "all bytes are written, however many",
    breakIt: (files) =>
      withFiles(files, ({ file }) => ({
        write: (bytes, offset) => file.write(bytes.subarray(0, 1 << 20), offset),
      })),
  },
  {
    what: "fills a gap with what lay about",
    breaks: "a write beyond the end leaves zeros between",
    breakIt: (files) =>
      withFile(files, "gap", ({ file }) => ({
        async write(bytes, offset) {
          const size = await file.size();
          await file.write(new Uint8Array(Math.max(0, offset - size)).fill(255), size);
          await file.write(bytes, offset);
        },
      })),
  },
  {
    what: "truncates to multiples of four bytes",
    breaks: "truncate to less leaves just so much",
    breakIt: (files) =>
      withFiles(files, ({ file }) => ({
        truncate: (sizeBytes) => file.truncate(Math.ceil(sizeBytes / 4) * 4),
      })),
  },
  {
    what: "grows a file by what lay about",
    breaks: "truncate to more adds zeros",
    breakIt: (files) =>
      withFile(files, "grown", ({ file }) => ({
        async truncate(sizeBytes) {
          const size = await file.size();
          await file.write(new Uint8Array(sizeBytes - size).fill(255), size);
        },
      })),
  },
  {
    what: "brings back what was cut off when a file grows by truncate",
    breaks: "what was cut off does not come back",
    breakIt: (files) =>
      withFiles(files, ({ file }) => {
        const tail = rememberTail(file);
        return {
          async truncate(sizeBytes) {
            await tail.remember(sizeBytes);
            await file.truncate(sizeBytes);
            await tail.restore();
          },
        };
      }),
  },
  {
    what: "brings back what was cut off when a file grows by write",
    breaks: "what was cut off does not come back",
    breakIt: (files) =>
      withFiles(files, ({ file }) => {
        const tail = rememberTail(file);
        return {
          async truncate(sizeBytes) {
            await tail.remember(sizeBytes);
            await file.truncate(sizeBytes);
          },
          async write(bytes, offset) {
            await file.write(bytes, offset);
            await tail.restore();
          },
        };
      }),
  },
  {
    what: "tells the size at which a file was opened",
    breaks: "size follows writes and truncations",
    breakIt: (files) =>
      withFile(files, "sized", async ({ file }) => {
        const size = await file.size();
        return { size: () => Promise.resolve(size) };
      }),
  },
  {
    what: "writes behind, from the caller's buffer",
    breaks: "the bytes of a write may change once it resolved, and the file does not",
    breakIt: (files) =>
      withFile(files, "reused", ({ file }) => {
        let last: { readonly bytes: Uint8Array; readonly offset: number } | null = null;
        return {
          write(bytes, offset) {
            last = { bytes, offset };
            return file.write(bytes, offset);
          },
          async dataSync() {
            if (last !== null) {
              await file.write(last.bytes, last.offset);
            }
            await file.dataSync();
          },
        };
      }),
  },
  {
    what: "keeps what is written to its handle until that is closed",
    breaks: "handles of one file see each other's changes",
    breakIt: (files) =>
      withFile(files, "shared", ({ file }) => {
        const waiting: { readonly bytes: Uint8Array; readonly offset: number }[] = [];
        return {
          write(bytes, offset) {
            waiting.push({ bytes: bytes.slice(), offset });
            return Promise.resolve();
          },
          async close() {
            for (const { bytes, offset } of waiting) {
              await file.write(bytes, offset);
            }
            await file.close();
          },
        };
      }),
  },
  {
    what: "loses the file of a handle by a rename",
    breaks: "a handle goes on working after its file was renamed",
    breakIt(files) {
      const handles = new LosableHandles(files);
      return {
        ...handles.files,
        rename(from, to) {
          handles.lose(from);
          return files.rename(from, to);
        },
      };
    },
  },
  {
    what: "loses the file of a handle by a removal",
    breaks: "a handle goes on working after its file was removed",
    breakIt(files) {
      const handles = new LosableHandles(files);
      return {
        ...handles.files,
        remove(path) {
          handles.lose(path);
          return files.remove(path);
        },
      };
    },
  },
  {
    what: "replaces a file by writing into it",
    breaks: "a handle goes on reading its file after another one took the name",
    breakIt: (files) => ({
      ...delegate(files),
      async rename(from, to) {
        if (!await isThere(files, to) || !await isThere(files, from)) {
          return await files.rename(from, to);
        }
        const bytes = await contentOf(files, from);
        const file = await files.open(to, { mode: "write" });
        if (bytes.length > 0) {
          await file.write(bytes, 0);
        }
        await file.truncate(bytes.length);
        await file.close();
        await files.remove(from);
      },
    }),
  },
];

/** What was cut off a file. */
function rememberTail(file: OpenFile) {
  let tail: { readonly bytes: Uint8Array; readonly offset: number } | null = null;
  return {
    async remember(sizeBytes: number) {
      const size = await file.size();
      if (sizeBytes < size) {
        const bytes = new Uint8Array(size - sizeBytes);
        await file.read(bytes, sizeBytes);
        tail = { bytes, offset: sizeBytes };
      }
    },
    async restore() {
      const size = await file.size();
      if (tail !== null && size > tail.offset) {
        await file.write(tail.bytes.subarray(0, size - tail.offset), tail.offset);
        tail = null;
      }
    },
  };
}

/** Handles by the path under which their file was opened, until that is lost. */
class LosableHandles {
  readonly files: FileSystem;
  readonly #alive = new Map<string, Set<OpenFile>>();

  constructor(files: FileSystem) {
    this.files = withFiles(files, ({ file, path }) => {
      const alive = this.#alive.get(path) ?? new Set();
      this.#alive.set(path, alive.add(file));
      const unlessLost = <Value>(act: () => Promise<Value>) =>
        alive.has(file) ? act() : Promise.reject(failure("EBADF"));
      return {
        read: (target, offset) => unlessLost(() => file.read(target, offset)),
        write: (bytes, offset) => unlessLost(() => file.write(bytes, offset)),
      };
    });
  }

  lose(path: string): void {
    this.#alive.get(path)?.clear();
  }
}
