import test from "ava";
import { lockFileProblems } from "../../scripts/checks/lock_file.ts";

test("lockFileProblems rejects an address and accepts its absence", (t) => {
  const lock = {
    packages: {
      "": {},
      "node_modules/a": { version: "1.0.0", resolved: "https://registry.example/a.tgz" },
      "node_modules/b": { version: "1.0.0" },
    },
  };
  t.deepEqual(lockFileProblems(JSON.stringify(lock)), [
    `package-lock.json: node_modules/a has a "resolved" address; remove it`,
  ]);
});
