import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BackendReader } from "../../../storage/mod.ts";
import { LmdbBackend } from "../../../storage/lmdb/mod.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** A database's file as bytes, and what it holds. */
export interface SampleDatabase {
  readonly bytes: Uint8Array;
  readonly content: string;
  /** What it held before the last transaction. */
  readonly contentBefore: string;
}

/** A database of a few dozen pages: a tree with branches, long values, a free list. */
export async function sampleDatabase(): Promise<SampleDatabase> {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "db");
  const backend = await LmdbBackend.open({ path, buckets: ["a", "meta"] });
  let contentBefore = "";
  for (let round = 0; round < 4; round += 1) {
    contentBefore = contentOf(backend);
    for (let number = 0; number < 100; number += 1) {
      const length = number % 20 === 0 ? 10_000 : 300;
      const isGone = (number + round) % 4 === 0;
      backend.write([
        {
          bucket: "a",
          key: Uint8Array.of(number),
          value: isGone ? null : new Uint8Array(length).fill(number + round),
        },
        { bucket: "meta", key: Uint8Array.of(1), value: Uint8Array.of(round, number) },
      ]);
    }
    await backend.flush();
  }
  const content = contentOf(backend);
  await backend.close();
  return { bytes: new Uint8Array(await readFile(path)), content, contentBefore };
}

/** A hash of all records. */
export function contentOf(reader: BackendReader): string {
  const hash = createHash("sha256");
  for (const bucket of ["a", "meta"]) {
    for (const [key, value] of reader.scan(bucket)) {
      hash.update(`${bucket} ${key.length} ${value.length} `).update(key).update(value);
    }
  }
  return hash.digest("hex").slice(0, 16);
}
