import type { FileSystem } from "../../../storage/mod.ts";
import type { BrokenFileSystem } from "./broken_file_system.ts";
import { delegate, failure, isNamed, withFile, withFiles } from "./wrapped_file_system.ts";

/** File systems that lose in a power cut what they promised to keep. */
export const BROKEN_POWER_CUTS: readonly BrokenFileSystem[] = [
  {
    what: "does not sync data",
    breaks: "what dataSync covered survives a power cut",
    breakIt: (files) => withFile(files, "synced", () => ({ dataSync: () => Promise.resolve() })),
  },
  {
    what: "syncs what the handle wrote, and no more",
    breaks: "dataSync covers what other handles wrote",
    breakIt: (files) =>
      withFiles(files, ({ file }) => {
        let hasChanged = false;
        return {
          write(bytes, offset) {
            hasChanged = true;
            return file.write(bytes, offset);
          },
          truncate(sizeBytes) {
            hasChanged = true;
            return file.truncate(sizeBytes);
          },
          dataSync: () => hasChanged ? file.dataSync() : Promise.resolve(),
        };
      }),
  },
  {
    what: "does not sync a truncation",
    breaks: "dataSync covers truncations",
    breakIt: (files) =>
      withFiles(files, ({ file }) => {
        let isCut = false;
        return {
          truncate(sizeBytes) {
            isCut = true;
            return file.truncate(sizeBytes);
          },
          dataSync: async () => isCut ? void await file.size() : await file.dataSync(),
        };
      }),
  },
  {
    what: "ignores the option dataSync",
    breaks: "what a file opened with dataSync wrote survives a power cut",
    breakIt: (files) => ({
      ...delegate(files),
      open: (path, { mode }) => files.open(path, { mode }),
    }),
  },
  {
    what: "loses what was synced with what was not",
    breaks: "what was synced survives, whatever was not after it",
    breakIt: (files, world) =>
      withFile(files, "kept", ({ file, path, options }) => ({
        write(bytes, offset) {
          if (options.mode === "write") {
            world.damage.push((disk) => cutFile(disk, path, 0));
          }
          return file.write(bytes, offset);
        },
      })),
  },
  {
    what: "loses a creation that was synced",
    breaks: "syncDirectory makes a creation durable",
    breakIt: (files, world) =>
      withFile(files, "created", ({ path }) => {
        world.damage.push((disk) => disk.remove(path));
        return {};
      }),
  },
  ...([
    ["before", "syncDirectory makes a rename durable"],
    ["moved", "syncDirectory of both makes a rename from one directory to another durable"],
  ] as const).map(([name, breaks]): BrokenFileSystem => ({
    what: `takes back the synced rename of ${name}`,
    breaks,
    breakIt: (files, world) => ({
      ...delegate(files),
      rename(from, to) {
        if (isNamed(from, name)) {
          world.damage.push((disk) => disk.rename(to, from));
        }
        return files.rename(from, to);
      },
    }),
  })),
  {
    what: "brings back what was removed",
    breaks: "syncDirectory makes a removal durable",
    breakIt: (files, world) => ({
      ...delegate(files),
      remove(path) {
        world.damage.push(async (disk) => void await disk.open(path, { mode: "create" }));
        return files.remove(path);
      },
    }),
  },
  {
    what: "loses a directory below another new one",
    breaks: "createDirectory is durable, with those above it",
    breakIt: (files, world) => ({
      ...delegate(files),
      list: (directory) =>
        world.life > 1 && isNamed(directory, "one/two")
          ? Promise.reject(failure("ENOENT"))
          : files.list(directory),
    }),
  },
  {
    what: "keeps only a part of what replaced a file",
    breaks: "a synced file that replaces one is found whole, or the one before",
    breakIt: (files, world) => ({
      ...delegate(files),
      rename(from, to) {
        if (isNamed(to, "replaced")) {
          world.damage.push((disk) => cutFile(disk, to, 100));
        }
        return files.rename(from, to);
      },
    }),
  },
  {
    what: "leaves nothing where a file was being replaced",
    breaks: "a synced file that replaces one is found whole, or the one before",
    breakIt: (files, world) => ({
      ...delegate(files),
      rename(from, to) {
        if (isNamed(to, "replaced")) {
          world.damage.push((disk) => disk.remove(to));
        }
        return files.rename(from, to);
      },
    }),
  },
];

async function cutFile(files: FileSystem, path: string, sizeBytes: number): Promise<void> {
  const file = await files.open(path, { mode: "write" });
  await file.truncate(sizeBytes);
  await file.close();
}
