import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { NodeFileSystem } from "kvorum/storage/files";
import { FileSnapshotStore } from "kvorum/storage/snapshots";
import type { StateMachineTestbed } from "kvorum/testing";
import { SnapshotMap } from "../../examples/snapshot_map.ts";

/**
 * How the conformance suite handles `SnapshotMap`, below a directory. Whatever
 * is not in a snapshot is lost when its life ends, however that comes about.
 */
export function snapshotMapTestbed(parent: string): StateMachineTestbed<string | null> {
  const directory = mkdtempSync(join(parent, "map-"));
  return {
    create: () =>
      new SnapshotMap({
        snapshots: new FileSnapshotStore({ fileSystem: new NodeFileSystem(), directory }),
        initialVoters: [],
        snapshotEntries: 4,
      }),
    command: (number) => SnapshotMap.put(`key ${number % 3}`, `value ${number}`),
    observe: (machine) => JSON.stringify((machine as SnapshotMap).pairs()),
    end: (machine) => (machine as SnapshotMap).close(),
  };
}
