import { join } from "node:path";
import process from "node:process";
import { LmdbBackend } from "../../../storage/lmdb/mod.ts";

/**
 * Writes batches until it is killed or the disk is full, and prints the number
 * of the last one that was flushed.
 */
const [directory = "", paddingBytes = "0"] = process.argv.slice(2);
const KEY = Uint8Array.of(1);
const backend = await LmdbBackend.open({
  path: join(directory, "db"),
  buckets: ["a", "meta"],
  commitOperationsMax: 50,
});

try {
  for (let number = numberOf(backend.get("meta", KEY)) + 1;; number += 1) {
    const value = new Uint8Array(4 + Number(paddingBytes) * number);
    new DataView(value.buffer).setUint32(0, number);
    const keys = Array.from({ length: 10 }, (_, place) => Uint8Array.of(place));
    backend.write([
      ...keys.map((key) => ({ bucket: "a", key, value })),
      { bucket: "meta", key: KEY, value: value.slice(0, 4) },
    ]);
    if (number % 7 === 0) {
      await backend.flush();
      console.log(number);
    }
  }
} catch (error) {
  console.log("flush", codeOf(error));
  tell("get", () => backend.get("a", KEY));
  tell("write", () => backend.write([]));
  await backend.close();
  console.log("closed");
}

function tell(what: string, use: () => unknown): void {
  try {
    use();
    console.log(what, "done");
  } catch (error) {
    console.log(what, codeOf(error));
  }
}

function codeOf(error: unknown): string {
  return String((error as { readonly code?: string }).code);
}

function numberOf(value: Uint8Array | undefined): number {
  return value === undefined ? 0 : new DataView(value.buffer, value.byteOffset).getUint32(0);
}
