import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { open } from "lmdb";

/** Holds LMDB's lock of the writers until the file `release` is there. */
const [directory = ""] = process.argv.slice(2);
const options = { noSubdir: true, overlappingSync: false, maxReaders: 4098 } as const;
const root = open<string, string>({ path: join(directory, "db"), ...options });
root.transactionSync(() => {
  process.stdout.write("held\n");
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(join(directory, "release"))) {
    Atomics.wait(cell, 0, 0, 20);
  }
});
await root.close();
