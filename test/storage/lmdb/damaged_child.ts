import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { LmdbBackend } from "../../../storage/lmdb/mod.ts";
import { contentOf } from "./sample_database.ts";

/**
 * Opens each database of a directory in turn, says what it holds or why it was
 * refused, and writes to it. Says its name first, for the case that LMDB does
 * not survive it.
 */
const [directory = ""] = process.argv.slice(2);
for (const name of readdirSync(directory).filter((name) => name.endsWith(".db")).sort()) {
  process.stdout.write(`${name} `);
  process.stdout.write(`${await use(join(directory, name))}\n`);
}

async function use(path: string): Promise<string> {
  let backend: LmdbBackend;
  try {
    backend = await LmdbBackend.open({ path, buckets: ["a", "meta"], mustExist: true });
  } catch (error) {
    return `refused ${(error as { readonly code?: string }).code}`;
  }
  const content = contentOf(backend);
  for (let number = 0; number < 3; number += 1) {
    backend.write([{ bucket: "a", key: Uint8Array.of(250, number), value: new Uint8Array(9000) }]);
    await backend.flush();
  }
  backend.write([0, 1, 2].map((number) => ({
    bucket: "a",
    key: Uint8Array.of(250, number),
    value: null,
  })));
  await backend.flush();
  const after = contentOf(backend);
  await backend.close();
  return after === content ? `holds ${content}` : `changed ${content} to ${after}`;
}
