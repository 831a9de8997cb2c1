import type { BrokenFileSystem } from "./broken_file_system.ts";
import {
  delegate,
  failure,
  isThere,
  parentOf,
  withFile,
  withFiles,
} from "./wrapped_file_system.ts";

/** File systems that open, close or fail wrongly. */
export const BROKEN_OPENING: readonly BrokenFileSystem[] = [
  {
    what: "creates what it is to read",
    breaks: "a file to read must exist: ENOENT, and none is created",
    breakIt: (files) => ({
      ...delegate(files),
      async open(path, options) {
        if (options.mode === "read" && !await isThere(files, path)) {
          await (await files.open(path, { mode: "create" })).close();
        }
        return await files.open(path, options);
      },
    }),
  },
  {
    what: "creates what it is to write",
    breaks: "a file to write must exist: ENOENT, and none is created",
    breakIt: (files) => ({
      ...delegate(files),
      open: async (path, options) =>
        options.mode === "write" && !await isThere(files, path)
          ? await files.open(path, { ...options, mode: "create" })
          : await files.open(path, options),
    }),
  },
  {
    what: "says EACCES of a file to write that is missing",
    breaks: "a file to write must exist: ENOENT, and none is created",
    breakIt: (files) => ({
      ...delegate(files),
      open: (path, options) =>
        files.open(path, options).catch((error: unknown) => {
          throw options.mode === "write" ? failure("EACCES") : error;
        }),
    }),
  },
  {
    what: "empties what it is to create",
    breaks: "a file to create must not exist: EEXIST, and what it holds stays",
    breakIt: (files) => ({
      ...delegate(files),
      async open(path, options) {
        try {
          return await files.open(path, options);
        } catch (error) {
          if ((error as { readonly code?: string }).code === "EEXIST" && !path.endsWith("taken")) {
            const file = await files.open(path, { mode: "write" });
            await file.truncate(0);
            return file;
          }
          throw error;
        }
      },
    }),
  },
  {
    what: "creates the directory of a new file",
    breaks: "a file is created in no directory that does not exist: ENOENT",
    breakIt: (files) => ({
      ...delegate(files),
      async open(path, options) {
        if (options.mode === "create") {
          await files.createDirectory(parentOf(path));
        }
        return await files.open(path, options);
      },
    }),
  },
  {
    what: "creates a file beside the directory that has its name",
    breaks: "a file is not created where a directory has its name: EEXIST",
    breakIt: (files) => ({
      ...delegate(files),
      async open(path, options) {
        const isDirectory = await files.list(path).then(() => true, () => false);
        return await files.open(isDirectory ? `${path} file` : path, options);
      },
    }),
  },
  {
    what: "gives a new file its first page at once",
    breaks: "a file that is created is empty, and can be written and read",
    breakIt: (files) =>
      withFile(files, "created", async ({ file, options }) => {
        if (options.mode === "create") {
          await file.truncate(4_096);
        }
        return {};
      }),
  },
  {
    what: "empties what it opens to write",
    breaks: "a file that is opened to write holds what it held, and can be read",
    breakIt: (files) =>
      withFile(files, "written", async ({ file, options }) => {
        if (options.mode === "write") {
          await file.truncate(0);
        }
        return {};
      }),
  },
  {
    what: "lets what is opened to read be written",
    breaks: "a file that is opened to read refuses to be changed",
    breakIt: (files) => ({
      ...delegate(files),
      open: (path, options) =>
        files.open(path, path.endsWith("/read only") ? { mode: "write" } : options),
    }),
  },
  {
    what: "lets what is opened to read be truncated",
    breaks: "a file that is opened to read refuses to be changed",
    breakIt: (files) =>
      withFiles(files, ({ path, options }) =>
        options.mode !== "read" ? {} : {
          async truncate(sizeBytes) {
            const file = await files.open(path, { mode: "write" });
            await file.truncate(sizeBytes);
          },
        }),
  },
  {
    what: "goes on with a file that was closed",
    breaks: "a file that is closed refuses all use",
    breakIt: (files) => withFiles(files, () => ({ close: () => Promise.resolve() })),
  },
  {
    what: "takes the next file for one that was closed",
    breaks: "a file that is closed refuses all use",
    breakIt(files) {
      let isReused = false;
      return withFile(files, "closed", ({ file }) => ({
        async close() {
          isReused = true;
          await file.close();
        },
        async write(bytes, offset) {
          if (!isReused) {
            return await file.write(bytes, offset);
          }
          const next = await files.open("disk/d/next", { mode: "write" });
          await next.write(bytes, offset);
          throw failure("EBADF");
        },
      }));
    },
  },
  {
    what: "refuses a write with an error that has no code",
    breaks: "an error has the code of the operating system's",
    breakIt: (files) =>
      withFiles(files, ({ file }) => ({
        write: (bytes, offset) =>
          file.write(bytes, offset).catch(() => Promise.reject(new Error("read only"))),
      })),
  },
  {
    what: "refuses all use of a file whose write failed",
    breaks: "a call that failed does not hinder later ones on the same file",
    breakIt: (files) =>
      withFiles(files, ({ file }) => {
        let isPoisoned = false;
        return {
          read: (target, offset) =>
            isPoisoned ? Promise.reject(failure("EIO")) : file.read(target, offset),
          write: (bytes, offset) =>
            file.write(bytes, offset).catch((error: unknown) => {
              isPoisoned = true;
              throw error;
            }),
        };
      }),
  },
  {
    what: "opens nothing once a directory could not be synced",
    breaks: "a call that failed does not hinder later ones on other files",
    breakIt(files) {
      let isPoisoned = false;
      return {
        ...delegate(files),
        open: (path, options) =>
          isPoisoned ? Promise.reject(failure("EIO")) : files.open(path, options),
        syncDirectory: (path) =>
          files.syncDirectory(path).catch((error: unknown) => {
            isPoisoned = true;
            throw error;
          }),
      };
    },
  },
];
