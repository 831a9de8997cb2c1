import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { LogStore } from "../../raft/mod.ts";
import { NodeFileSystem } from "../../storage/files/mod.ts";
import { MemoryLogStore } from "../../storage/mod.ts";
import { WalLogStore } from "../../storage/wal/mod.ts";
import {
  type LogStoreSuiteOptions,
  type LogStoreTestbed,
  SeededRandom,
} from "../../testing/mod.ts";
import { SimulatedFileSystem } from "../../testing/simulated_file_system/simulated_file_system.ts";
import { PumpedClock } from "../support/pumped_clock.ts";
import { SwitchedFileSystem } from "../support/switched_file_system.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { SEGMENT_BYTES } from "./wal/wal_directory.ts";

/** The project's own log stores, as the conformance suite is told of them. */
export const LOG_STORES: Readonly<Record<string, LogStoreSuiteOptions>> = {
  "MemoryLogStore": { openTestbed: memoryTestbed },
  "WalLogStore": {
    openTestbed: () => copiedTestbed(walIn),
    supports: ["powerCuts", "locks", "failures"],
  },
  "WalLogStore on a simulated disk": {
    openTestbed: simulatedTestbed,
    supports: ["powerCuts", "kills", "locks", "failures"],
    histories: 50,
  },
};

/** A log in memory outlives its store's lives, but not its process. */
function memoryTestbed(): LogStoreTestbed {
  const log = new MemoryLogStore();
  return { create: () => log, pass: () => nextTurn(), close() {} };
}

function walIn(directory: string, isFailing: () => boolean): WalLogStore {
  return new WalLogStore({
    fileSystem: new SwitchedFileSystem(new NodeFileSystem(), isFailing),
    directory: join(directory, "wal"),
    segmentBytes: SEGMENT_BYTES,
  });
}

/**
 * Logs in a directory of the machine. A power cut is played by going on with a
 * copy of the files, as a process that is killed leaves them.
 */
export async function copiedTestbed(
  createIn: (directory: string, isFailing: () => boolean) => LogStore,
): Promise<LogStoreTestbed> {
  const parent = await temporaryDirectory();
  const lost: LogStore[] = [];
  let fails = false;
  let directory = join(parent.path, "1");
  mkdirSync(directory);
  return {
    create: () => createIn(directory, () => fails),
    lose(store) {
      lost.push(store);
      const next = join(parent.path, String(lost.length + 1));
      cpSync(directory, next, { recursive: true });
      directory = next;
    },
    failWrites(fail) {
      fails = fail;
    },
    pass: () => nextTurn(),
    async close() {
      // They hold files open.
      await Promise.allSettled(lost.map((store) => store.close()));
      await parent[Symbol.asyncDispose]();
    },
  };
}

/** Logs on a disk that loses, at a power cut, what was not synced. */
function simulatedTestbed(): LogStoreTestbed {
  const clock = new PumpedClock();
  const options = {
    clock,
    random: new SeededRandom(4),
    latency: { callUs: 20, syncUs: 300 },
  };
  let disk = new SimulatedFileSystem(options);
  let fails = false;
  return {
    create: () =>
      new WalLogStore({
        fileSystem: new SwitchedFileSystem(disk, () => fails),
        directory: "/wal",
        segmentBytes: SEGMENT_BYTES,
        setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
      }),
    lose() {
      disk = new SimulatedFileSystem(options, disk.crash().tree);
    },
    kill() {
      disk = new SimulatedFileSystem(options, disk.exit());
    },
    failWrites(fail) {
      fails = fail;
    },
    pass: () => nextTurn(),
    close() {},
  };
}
