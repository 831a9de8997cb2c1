import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LmdbBackend } from "../../storage/lmdb/mod.ts";
import { type Backend, MemoryBackend } from "../../storage/mod.ts";
import type { BackendSuiteOptions, BackendTestbed } from "../../testing/mod.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** The project's own backends, as the conformance suite is told of them. */
export const BACKENDS: Readonly<Record<string, BackendSuiteOptions>> = {
  "MemoryBackend": { openTestbed: memoryTestbed },
  "LmdbBackend": { openTestbed: () => lmdbTestbed(10_000), supports: ["durable"] },
  // Commits after nearly every write, so that reads meet layers in all states.
  "LmdbBackend that commits at once": {
    openTestbed: () => lmdbTestbed(3),
    supports: ["durable"],
    histories: 40,
  },
};

function memoryTestbed(): BackendTestbed {
  return { open: () => new MemoryBackend(), pass: () => nextTurn(), close() {} };
}

/**
 * Databases in a directory of the machine. A power cut is played by going on
 * with a copy of the file, as a process that is killed leaves it. The copy may
 * be taken while a commit is written: LMDB's first pages, which are copied
 * first, name the last whole state, whose pages that commit leaves alone.
 */
export async function lmdbTestbed(commitOperationsMax: number): Promise<BackendTestbed> {
  const parent = await temporaryDirectory();
  const lost: Backend[] = [];
  let path = join(parent.path, "0");
  return {
    open: (buckets) => LmdbBackend.open({ path, buckets, commitOperationsMax }),
    lose(backend) {
      lost.push(backend);
      const next = join(parent.path, String(lost.length));
      copyLive(path, next);
      path = next;
    },
    pass: () => nextTurn(),
    async close() {
      // They hold the file open.
      await Promise.allSettled(lost.map((backend) => backend.close()));
      await parent[Symbol.asyncDispose]();
    },
  };
}

/** Bytes of LMDB's first pages, which say where the rest is. */
const META_BYTES = 2 * 4_096;

/**
 * Copies a file that is being written to: first what names the last whole state,
 * then all the rest, which may have grown meanwhile.
 */
function copyLive(from: string, to: string): void {
  const file = openSync(from, "r");
  try {
    const meta = new Uint8Array(META_BYTES);
    const length = readSync(file, meta, 0, META_BYTES, 0);
    const whole = readFileSync(from);
    whole.set(meta.subarray(0, length));
    writeFileSync(to, whole);
  } finally {
    closeSync(file);
  }
}
