import process from "node:process";
import { LockedError, NodeFileSystem } from "../../../storage/files/mod.ts";

/** Takes a lock, says whether it has it, and keeps it until it is killed. */
const [path = ""] = process.argv.slice(2);
try {
  await new NodeFileSystem().lock(path);
  console.log("locked");
  setInterval(() => {}, 1000);
} catch (error) {
  if (!(error instanceof LockedError)) {
    throw error;
  }
  console.log(error.code);
}
