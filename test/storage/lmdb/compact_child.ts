import { existsSync, statSync } from "node:fs";
import process from "node:process";
import { compactDatabase } from "../../../storage/lmdb/mod.ts";

/** Compacts a database, and kills itself at a step, or while the copy is being written. */
const [path = "", killAt = ""] = process.argv.slice(2);
const result = await compactDatabase({
  path,
  buckets: ["a", "meta"],
  freeBytesMin: 0,
  onStep(step) {
    if (step === killAt) {
      process.kill(process.pid, "SIGKILL");
    }
    if (step === "opened" && killAt === "copying") {
      killOnceCopying();
    }
  },
});
console.log(JSON.stringify(result));

function killOnceCopying(): void {
  if (existsSync(`${path}.compact`) && statSync(`${path}.compact`).size > 0) {
    process.kill(process.pid, "SIGKILL");
  }
  setImmediate(killOnceCopying);
}
