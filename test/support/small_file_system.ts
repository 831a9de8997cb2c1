import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A real file system of a few megabytes, unmounted at the end of the block that holds it. */
export interface SmallFileSystem extends AsyncDisposable {
  readonly path: string;
  /** Mounts it anew with so much room, while what is in it stays in use. */
  resize(mebibytes: number): Promise<void>;
}

/** Why this machine cannot mount one, `null` if it can: it takes root on Linux. */
export async function noSmallFileSystem(): Promise<string | null> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    return "mounting a file system takes root on Linux";
  }
  try {
    await using _mounted = await smallFileSystem(1);
    return null;
  } catch (error) {
    return `mounting failed: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
}

export async function smallFileSystem(mebibytes: number): Promise<SmallFileSystem> {
  const path = await mkdtemp(join(tmpdir(), "kvorum-small-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path]);
  } catch (error) {
    await rm(path, { recursive: true });
    throw error;
  }
  return {
    path,
    resize: async (mebibytes) => {
      await run("mount", ["-o", `remount,size=${mebibytes}m`, path]);
    },
    [Symbol.asyncDispose]: async () => {
      await run("umount", ["--lazy", path]);
      await rm(path, { recursive: true });
    },
  };
}
