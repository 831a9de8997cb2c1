import type { BrokenFileSystem } from "./broken_file_system.ts";
import { contentOf, delegate, failure, isNamed, isThere } from "./wrapped_file_system.ts";

/** File systems that treat directories and names wrongly. */
export const BROKEN_NAMES: readonly BrokenFileSystem[] = [
  {
    what: "lists the last name first",
    breaks: "list gives names in their order",
    breakIt: (files) => ({
      ...delegate(files),
      list: async (directory) => (await files.list(directory)).reverse(),
    }),
  },
  {
    what: "lists 9 before 10",
    breaks: "list gives names in their order",
    breakIt: (files) => ({
      ...delegate(files),
      list: async (directory) =>
        (await files.list(directory)).sort((one, other) => Number(one) - Number(other)),
    }),
  },
  {
    what: "lists what is below too",
    breaks: "list gives names alone, of files and directories, and none from below",
    breakIt: (files) => ({
      ...delegate(files),
      async list(directory) {
        const names = await files.list(directory);
        return names.includes("inner")
          ? [...names, ...(await files.list(`${directory}/inner`)).map((name) => `inner/${name}`)]
          : names;
      },
    }),
  },
  {
    what: "lists no directories",
    breaks: "list gives names alone, of files and directories, and none from below",
    breakIt: (files) => ({
      ...delegate(files),
      list: async (directory) => (await files.list(directory)).filter((name) => name !== "inner"),
    }),
  },
  {
    what: "takes a directory that is missing for an empty one",
    breaks: "list of a directory that does not exist fails with ENOENT",
    breakIt: (files) => ({
      ...delegate(files),
      list: (directory) => files.list(directory).catch(() => []),
    }),
  },
  {
    what: "creates a directory only where those above it are",
    breaks: "createDirectory creates those above it",
    breakIt: (files) => ({
      ...delegate(files),
      createDirectory: (path) =>
        isNamed(path, "three") ? Promise.reject(failure("ENOENT")) : files.createDirectory(path),
    }),
  },
  {
    what: "creates a directory once",
    breaks: "createDirectory leaves alone what is there",
    breakIt: (files) => ({
      ...delegate(files),
      createDirectory: async (path) =>
        await isThere(files, path)
          ? await Promise.reject(failure("EEXIST"))
          : await files.createDirectory(path),
    }),
  },
  {
    what: "empties a directory that it is to create again",
    breaks: "createDirectory leaves alone what is there",
    breakIt: (files) => ({
      ...delegate(files),
      async createDirectory(path) {
        for (const name of await files.list(path).catch(() => [])) {
          await files.remove(`${path}/${name}`);
        }
        await files.createDirectory(path);
      },
    }),
  },
  {
    what: "is content with a file in place of a directory",
    breaks: "createDirectory fails where a file has the name, or one above it",
    breakIt: (files) => ({
      ...delegate(files),
      createDirectory: (path) => files.createDirectory(path).catch(() => {}),
    }),
  },
  {
    what: "leaves the old name at a rename",
    breaks: "rename takes the old name away and gives the new one",
    breakIt: (files) => ({
      ...delegate(files),
      async rename(from, to) {
        await files.rename(from, to);
        if (isNamed(from, "old")) {
          await (await files.open(from, { mode: "create" })).close();
        }
      },
    }),
  },
  {
    what: "renames only within a directory",
    breaks: "rename takes a file to another directory",
    breakIt: (files) => ({
      ...delegate(files),
      rename: (from, to) =>
        isNamed(from, "across") ? Promise.reject(failure("EXDEV")) : files.rename(from, to),
    }),
  },
  {
    what: "renames to no name that is taken",
    breaks: "rename replaces the file that has the name",
    breakIt: (files) => ({
      ...delegate(files),
      rename: async (from, to) =>
        isNamed(to, "target") && await isThere(files, to)
          ? await Promise.reject(failure("EEXIST"))
          : await files.rename(from, to),
    }),
  },
  {
    what: "removes what it is to replace before it renames",
    breaks: "whoever opens a name that is being replaced finds the old file or the new",
    breakIt: (files) => ({
      ...delegate(files),
      async rename(from, to) {
        if (await isThere(files, from)) {
          await files.remove(to);
        }
        await files.rename(from, to);
      },
    }),
  },
  {
    what: "renames what is missing",
    breaks: "rename of what does not exist fails with ENOENT, and what it was to replace stays",
    breakIt: (files) => ({
      ...delegate(files),
      rename: (from, to) => files.rename(from, to).catch(() => {}),
    }),
  },
  {
    what: "removes what a missing file was to replace",
    breaks: "rename of what does not exist fails with ENOENT, and what it was to replace stays",
    breakIt: (files) => ({
      ...delegate(files),
      rename: (from, to) =>
        files.rename(from, to).catch(async (error: unknown) => {
          await files.remove(to);
          throw error;
        }),
    }),
  },
  {
    what: "does not remove",
    breaks: "remove takes the name away",
    breakIt: (files) => ({
      ...delegate(files),
      remove: (path) => isNamed(path, "unwanted") ? Promise.resolve() : files.remove(path),
    }),
  },
  {
    what: "removes only what is there",
    breaks: "remove of what does not exist is no error",
    breakIt: (files) => ({
      ...delegate(files),
      remove: async (path) =>
        await isThere(files, path)
          ? await files.remove(path)
          : await Promise.reject(failure("ENOENT")),
    }),
  },
  {
    what: "gives a new file the content of one that was removed",
    breaks: "a name that was removed can be that of a new file",
    breakIt(files) {
      const removed = new Map<string, Uint8Array>();
      return {
        ...delegate(files),
        async open(path, options) {
          const file = await files.open(path, options);
          const old = removed.get(path);
          if (old !== undefined && options.mode === "create") {
            await file.write(old, 0);
          }
          return file;
        },
        async remove(path) {
          if (await isThere(files, path)) {
            removed.set(path, await contentOf(files, path));
          }
          await files.remove(path);
        },
      };
    },
  },
];
