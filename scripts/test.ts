/**
 * `npm test`: all tests but those of the slower tiers. File names and AVA's
 * options may follow: `npm test -- test/raft/raft_core.test.ts --match='*vote*'`.
 */
import process from "node:process";
import { runTier } from "./tiers/run_tier.ts";
import { testFiles } from "./tiers/test_files.ts";

await runTier(testFiles("test"), process.argv.slice(2));
