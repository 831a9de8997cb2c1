/** How AVA runs the tests; `scripts/tiers/` chooses which ones. */
export default {
  extensions: ["ts"],
  files: ["test/**/*.test.ts"],
  // The package's own names, such as `kvorum/raft`, mean the sources.
  nodeArguments: ["--conditions=kvorum-source"],
  require: ["./scripts/tiers/own_frames.js"],
  // A process for each file: tests send signals, and a crash in native code stays in one file.
  workerThreads: false,
  // Without any result for so long, something hangs. The slowest single test takes under a minute.
  timeout: "2m",
  // Every machine runs all tests, whatever its CI's variables say of parallel jobs.
  utilizeParallelBuilds: false,
};
