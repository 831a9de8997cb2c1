import type { Mutant } from "./mutant.ts";

/** A bug of the driver, without what follows from its file. */
export type DriverBug = Omit<Mutant, "level" | "tests">;

/** What notices bugs in a file of the driver. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  "raft/abortable.ts": ["raft_node_scripted", "node_lifecycle", "raft_group"],
  "raft/event_stream.ts": ["event_stream"],
  "raft/log_compaction.ts": ["log_compaction"],
  "raft/machine_turns.ts": ["machine_turns", "raft_node_scripted"],
  "raft/membership_history.ts": ["membership_history"],
  "raft/node_driver.ts": [
    "node_ticks",
    "node_lifecycle",
    "node_snapshots",
    "raft_node",
    "raft_node_scripted",
  ],
  "raft/pending_proposals.ts": ["pending_proposals"],
  "raft/pending_reads.ts": ["raft_node_scripted"],
  "raft/pending_transfers.ts": ["pending_transfers"],
  "raft/persist_queue.ts": ["persist_queue"],
  "raft/raft_node.ts": ["node_lifecycle", "raft_group", "raft_node_scripted", "removal"],
  "raft/received_chunks.ts": ["received_chunks", "snapshot_receiver"],
  "raft/snapshot_receiver.ts": ["snapshot_receiver"],
  "raft/snapshot_sender.ts": ["snapshot_sender"],
  "raft/start_core.ts": ["start_core"],
  "raft/turn_batch.ts": ["raft_node", "raft_node_scripted", "removal"],
};

/**
 * Mutants of these bugs. Neither scenarios nor the simulators of the core run the
 * driver, so the tests of its files must notice them.
 */
export function driverMutants(bugs: readonly DriverBug[]): Mutant[] {
  return bugs.map((bug) => {
    const tests = TESTS[bug.file];
    if (tests === undefined) {
      throw new RangeError(`No test file is said to notice a bug in ${bug.file}`);
    }
    return { ...bug, level: null, tests: tests.map((name) => `test/raft/${name}.test.ts`) };
  });
}
