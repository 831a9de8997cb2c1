import { dirname } from "node:path";
import process from "node:process";
import { LockedError, NodeFileSystem } from "../../../storage/files/mod.ts";

/**
 * Another process. `lock PATH` takes a lock, `save PATH HEX` makes a file
 * durable; it says what came of it, and stays until it is killed.
 */
const [command = "", path = "", hex = ""] = process.argv.slice(2);
console.log(command === "lock" ? await lock() : await save());
setInterval(() => {}, 1000);

async function lock(): Promise<string> {
  try {
    await new NodeFileSystem().lock(path);
    return "locked";
  } catch (error) {
    if (error instanceof LockedError) {
      return error.code;
    }
    throw error;
  }
}

async function save(): Promise<string> {
  const files = new NodeFileSystem();
  const file = await files.open(path, { mode: "create" });
  await file.write(new Uint8Array(Buffer.from(hex, "hex")), 0);
  await file.dataSync();
  await files.syncDirectory(dirname(path));
  return "saved";
}
