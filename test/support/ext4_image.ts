import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A real ext4 in an image, which can be made to fail; unmounted at the end of its block. */
export interface Ext4Image extends AsyncDisposable {
  readonly path: string;
  /** Lets the kernel find an error in it, upon which it makes it read-only. */
  fail(): Promise<void>;
  /** Checks it, as an operator would, and mounts it anew. */
  repair(): Promise<void>;
}

/** Why this machine cannot mount one, `null` if it can. */
export async function noExt4Image(): Promise<string | null> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    return "mounting a file system takes root on Linux";
  }
  try {
    await using image = await ext4Image();
    await image.fail();
    return null;
  } catch (error) {
    return `mounting failed: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
}

export async function ext4Image(): Promise<Ext4Image> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "kvorum-ext4-"));
  stack.defer(() => rm(directory, { recursive: true }));
  const [image, path] = [join(directory, "image"), join(directory, "mounted")];
  await writeFile(image, "");
  await run("truncate", ["--size=32M", image]);
  await run("mkfs.ext4", ["-q", "-F", image]);
  await mkdir(path);
  const mount = async () => {
    await run("mount", ["-o", "loop,errors=remount-ro", image, path]);
  };
  await mount();
  stack.defer(async () => void await run("umount", ["--lazy", path]));
  const owned = stack.move();
  return {
    path,
    fail: async () => {
      const { stdout } = await run("findmnt", ["--noheadings", "--output=SOURCE", path]);
      const device = basename(stdout.trim());
      await writeFile(`/sys/fs/ext4/${device}/trigger_fs_error`, "1");
    },
    repair: async () => {
      await run("umount", [path]);
      // It says by its code that there was something to mend.
      await run("e2fsck", ["-p", image]).catch(({ code }) => assertMended(code));
      await mount();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function assertMended(exitCode: number): void {
  if (exitCode !== 1) {
    throw new Error(`e2fsck ended with ${exitCode}`);
  }
}
