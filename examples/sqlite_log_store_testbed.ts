import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { LogStore } from "kvorum/raft";
import type { LogStoreTestbed } from "kvorum/testing";
import { SqliteLogStore } from "./sqlite_log_store.ts";

/**
 * How the conformance suite handles `SqliteLogStore`: logs in a directory of
 * their own. A power cut is played by going on with a copy of the files, as a
 * process that is killed leaves them. Writes fail while the database is told
 * that it may only be read.
 */
export function sqliteTestbed(): LogStoreTestbed {
  const parent = mkdtempSync(join(tmpdir(), "sqlite-log-"));
  const lost: LogStore[] = [];
  let path = join(parent, "0.log");
  let database: DatabaseSync;
  return {
    create() {
      database = new DatabaseSync(path);
      return new SqliteLogStore(database);
    },
    lose(store) {
      lost.push(store);
      const next = join(parent, `${lost.length}.log`);
      cpSync(path, next);
      cpSync(`${path}-wal`, `${next}-wal`);
      path = next;
    },
    failWrites: (fail) => database.exec(`PRAGMA query_only = ${fail ? "ON" : "OFF"}`),
    async close() {
      await Promise.all(lost.map((store) => store.close()));
      rmSync(parent, { recursive: true });
    },
  };
}
