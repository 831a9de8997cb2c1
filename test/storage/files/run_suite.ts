import { fileSystemCases } from "../../../testing/mod.ts";
import { nodeTestbed } from "./node_testbed.ts";

/** Runs the suite of `FileSystem` on whatever runs this program, and prints what came of each case. */
for (
  const { name, run } of fileSystemCases({ openTestbed: nodeTestbed, supports: ["processes"] })
) {
  try {
    await run();
    console.log(`met: ${name}`);
  } catch (error) {
    console.log(`broken: ${name}: ${String(error)}`);
  }
}
