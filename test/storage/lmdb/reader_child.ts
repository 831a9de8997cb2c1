import { join } from "node:path";
import process from "node:process";
import { LmdbBackend } from "../../../storage/lmdb/mod.ts";

/** Holds views of several states, until it is killed. */
const [directory = ""] = process.argv.slice(2);
const backend = await LmdbBackend.open({ path: join(directory, "db"), buckets: ["a"] });
const views = [];
for (let number = 0; number < 5; number += 1) {
  backend.write([{ bucket: "a", key: Uint8Array.of(9, number), value: new Uint8Array(1000) }]);
  await backend.flush();
  views.push(backend.view());
}
console.log(views.map((view) => view.get("a", Uint8Array.of(9, 0))?.length).join());
setInterval(() => {}, 1_000_000);
