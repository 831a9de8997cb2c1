import { type FileLock, LockedError } from "../../../storage/mod.ts";
import type { BrokenFileSystem } from "./broken_file_system.ts";
import { delegate, failure, isNamed, isThere, parentOf, withFile } from "./wrapped_file_system.ts";

/** File systems that lock wrongly, or that share wrongly with other processes. */
export const BROKEN_LOCKS: readonly BrokenFileSystem[] = [
  {
    what: "locks without a file",
    breaks: "lock creates its file",
    breakIt: (files) => ({
      ...delegate(files),
      async lock(path) {
        const lock = await files.lock(path);
        if (isNamed(path, "fresh lock")) {
          await files.remove(path);
        }
        return lock;
      },
    }),
  },
  {
    what: "creates the directory of a lock",
    breaks: "lock fails with ENOENT in a directory that does not exist",
    breakIt: (files) => ({
      ...delegate(files),
      async lock(path) {
        await files.createDirectory(parentOf(path));
        return await files.lock(path);
      },
    }),
  },
  {
    what: "gives a lock twice",
    breaks: "a lock that is held is refused",
    breakIt: (files) => ({
      ...delegate(files),
      lock: (path) =>
        files.lock(path).catch((error: unknown) => {
          if (isNamed(path, "held lock")) {
            return { release: () => Promise.resolve() };
          }
          throw error;
        }),
    }),
  },
  {
    what: "refuses a lock with EBUSY",
    breaks: "a lock is refused with LockedError",
    breakIt: (files) => ({
      ...delegate(files),
      lock: (path) =>
        files.lock(path).catch((error: unknown) => {
          throw error instanceof LockedError ? failure("EBUSY") : error;
        }),
    }),
  },
  {
    what: "drops a lock when it refuses it",
    breaks: "a lock that was refused stays held",
    breakIt(files) {
      const held = new Map<string, FileLock>();
      return {
        ...delegate(files),
        async lock(path) {
          try {
            const lock = await files.lock(path);
            held.set(path, lock);
            return lock;
          } catch (error) {
            await held.get(path)?.release();
            throw error;
          }
        },
      };
    },
  },
  {
    what: "has one lock for all files",
    breaks: "locks of different files are independent",
    breakIt(files) {
      let isHeld = false;
      return {
        ...delegate(files),
        async lock(path) {
          if (isHeld) {
            throw new LockedError(path);
          }
          const lock = await files.lock(path);
          isHeld = true;
          return {
            async release() {
              isHeld = false;
              await lock.release();
            },
          };
        },
      };
    },
  },
  {
    what: "frees all locks by one",
    breaks: "locks of different files are independent",
    breakIt(files) {
      const held: FileLock[] = [];
      return {
        ...delegate(files),
        async lock(path) {
          const lock = await files.lock(path);
          held.push(lock);
          return {
            async release() {
              // One that was released before has nothing to do with the others.
              if (held.includes(lock)) {
                await Promise.all(held.splice(0).map((each) => each.release()));
              }
            },
          };
        },
      };
    },
  },
  {
    what: "never frees a lock",
    breaks: "a lock that was released can be taken again",
    breakIt: (files) => ({
      ...delegate(files),
      async lock(path) {
        const lock = await files.lock(path);
        return isNamed(path, "free lock") ? { release: () => Promise.resolve() } : lock;
      },
    }),
  },
  {
    what: "refuses to release twice",
    breaks: "release may be called twice",
    breakIt: (files) => ({
      ...delegate(files),
      async lock(path) {
        const lock = await files.lock(path);
        let isReleased = false;
        return {
          release() {
            if (isReleased) {
              return Promise.reject(failure("EBADF"));
            }
            isReleased = true;
            return lock.release();
          },
        };
      },
    }),
  },
  {
    what: "releases by path, whoever asks",
    breaks: "a late release does not free the lock of the next holder",
    breakIt(files) {
      const held = new Map<string, FileLock>();
      return {
        ...delegate(files),
        async lock(path) {
          held.set(path, await files.lock(path));
          return { release: async () => await held.get(path)?.release() };
        },
      };
    },
  },
  {
    what: "locks within its own process alone",
    breaks: "a lock keeps other processes out, until it is released",
    breakIt(files) {
      const held = new Set<string>();
      return {
        ...delegate(files),
        async lock(path) {
          if (held.has(path)) {
            throw new LockedError(path);
          }
          await (await files.lock(path)).release();
          held.add(path);
          let isHeld = true;
          return {
            release() {
              if (isHeld) {
                isHeld = false;
                held.delete(path);
              }
              return Promise.resolve();
            },
          };
        },
      };
    },
  },
  {
    what: "heeds only the locks of its own process",
    breaks: "a lock of another process is refused",
    breakIt(files) {
      const known = new Set<string>();
      return {
        ...delegate(files),
        async lock(path) {
          try {
            const lock = await files.lock(path);
            known.add(path);
            return lock;
          } catch (error) {
            if (known.has(path) || !(error instanceof LockedError)) {
              throw error;
            }
            return { release: () => Promise.resolve() };
          }
        },
      };
    },
  },
  {
    what: "takes the file of a lock for the lock",
    breaks: "a lock is free once its process was killed",
    breakIt: (files) => ({
      ...delegate(files),
      async lock(path) {
        if (await isThere(files, path)) {
          throw new LockedError(path);
        }
        const lock = await files.lock(path);
        let isHeld = true;
        return {
          async release() {
            if (isHeld) {
              isHeld = false;
              await files.remove(path);
              await lock.release();
            }
          },
        };
      },
    }),
  },
  {
    what: "reads zeros from what another process saved",
    breaks: "what a process made durable is there after it was killed",
    breakIt: (files) =>
      withFile(files, "saved", () => ({
        read(target) {
          target.fill(0);
          return Promise.resolve(target.length);
        },
      })),
  },
  {
    what: "takes the file of a lock for the lock after a power cut",
    breaks: "a lock is free after a power cut",
    breakIt: (files, world) => ({
      ...delegate(files),
      async lock(path) {
        if (world.life > 1 && await isThere(files, path)) {
          throw new LockedError(path);
        }
        const lock = await files.lock(path);
        await files.syncDirectory(parentOf(path));
        return lock;
      },
    }),
  },
];
