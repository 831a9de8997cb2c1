/**
 * `npm run verify`: what else CI runs, from kills and chaos to Deno and the
 * browser. Takes the same arguments as `npm test`.
 */
import process from "node:process";
import { runTier } from "./tiers/run_tier.ts";
import { testFiles } from "./tiers/test_files.ts";

await runTier(testFiles("verify"), process.argv.slice(2));
