import test from "ava";
import type { KeyRange, KvClient, RangeAnswer, StoredKey } from "../../support/kv_client.ts";
import { WriteLedger } from "../../support/write_ledger.ts";

const KEYS = { key: "a", rangeEnd: "z" } as const;

/** A server whose history is a list of changes, the first at revision 2. */
class ListedServer implements KvClient {
  readonly changes: [key: string, value: string | null][] = [];

  put(key: string, value: string): Promise<number> {
    return Promise.resolve(this.changes.push([key, value]) + 1);
  }

  async delete(key: string): Promise<{ readonly deleted: number; readonly revision: number }> {
    const deleted = (await this.range({ key })).count;
    return { deleted, revision: this.changes.push([key, null]) + 1 };
  }

  range({ key, rangeEnd, revision = this.changes.length + 1 }: KeyRange): Promise<RangeAnswer> {
    const kvs = [...this.#storedAt(revision).values()].filter((kv) =>
      rangeEnd === undefined ? kv.key === key : kv.key >= key && kv.key < rangeEnd
    );
    const newest = this.changes.length + 1;
    const header = { clusterId: "1", memberId: "2", revision: newest, raftTerm: 1 };
    return Promise.resolve({ header, kvs, count: kvs.length });
  }

  #storedAt(revision: number): Map<string, StoredKey> {
    const stored = new Map<string, StoredKey>();
    for (const [at, [key, value]] of this.changes.slice(0, revision - 1).entries()) {
      const before = stored.get(key);
      stored.delete(key);
      if (value !== null) {
        const createRevision = before?.createRevision ?? at + 2;
        const version = (before?.version ?? 0) + 1;
        stored.set(key, { key, value, createRevision, modRevision: at + 2, version });
      }
    }
    return stored;
  }
}

/** put(b) put(c) delete(b) put(b) put(c), all acknowledged, and one put of d that was not. */
async function wroteSome(): Promise<{ server: ListedServer; ledger: WriteLedger }> {
  const server = new ListedServer();
  const ledger = new WriteLedger();
  const put = async (key: string, value: string): Promise<void> => {
    ledger.sent({ key, value });
    ledger.acknowledgedPut(key, await server.put(key, value));
  };
  await put("b", "first");
  await put("c", "second");
  ledger.sent({ key: "b", value: null });
  ledger.acknowledgedDelete("b", await server.delete("b"));
  await put("b", "third");
  await put("c", "fourth");
  ledger.sent({ key: "d", value: "unanswered" });
  return { server, ledger };
}

for (
  const { tamper, want, why } of [
    { tamper: () => {}, want: [], why: "nothing is wrong" },
    {
      tamper: (server: ListedServer) => void server.changes.push(["d", "unanswered"]),
      want: [],
      why: "what was not answered may have happened",
    },
    {
      tamper: (server: ListedServer) => void server.changes.pop(),
      want: [
        /^c is .*second.* instead of .*fourth/,
        /^5 changes, but the revision is 5$/,
        /revision 6/,
      ],
      why: "the last write is lost",
    },
    {
      tamper: (server: ListedServer) => void server.changes.splice(1, 1),
      want: [/^b is/, /^c is/, /^5 changes/],
      why: "a write in the middle is lost",
    },
    {
      tamper: (server: ListedServer) => void server.changes.push(["e", "invented"]),
      want: [/^e is there, but should not be$/, /^5 changes, but the revision is 7$/],
      why: "a key is invented",
    },
    {
      tamper: (server: ListedServer) => void server.changes.push(["b", "third"]),
      want: [/^b is/, /^5 changes, but the revision is 7$/],
      why: "a write was done twice",
    },
    {
      tamper: (server: ListedServer) => void server.changes.push(["d", "something else"]),
      want: [/^d is there, but should not be$/],
      why: "a value that nobody wrote",
    },
    {
      tamper: (server: ListedServer) => {
        server.changes[1] = ["c", "overwritten in the past"];
      },
      want: [/^c at 3 is .*overwritten in the past.* instead of second$/],
      why: "the newest state is right, but not the past",
    },
    {
      tamper: (server: ListedServer) => {
        server.changes[2] = ["f", null];
      },
      want: [/^b is/, /^b at 4 is/],
      why: "a deletion is lost",
    },
  ]
) {
  test(`WriteLedger finds ${want.length === 0 ? "nothing" : "it"} when ${why}`, async (t) => {
    const { server, ledger } = await wroteSome();
    tamper(server);
    const differences = await ledger.differences(server, { keys: KEYS });
    for (const pattern of want) {
      t.true(differences.some((difference) => pattern.test(difference)), differences.join("\n"));
    }
    t.is(differences.length > 0, want.length > 0, differences.join("\n"));
  });
}

test("WriteLedger finds what happened without an answer where it must not have", async (t) => {
  const { server, ledger } = await wroteSome();
  server.changes.push(["d", "unanswered"]);
  t.deepEqual(await ledger.differences(server, { keys: KEYS, mayHaveHappened: () => false }), [
    "d was changed without an answer",
  ]);
});

test("WriteLedger goes on from what it found", async (t) => {
  const { server, ledger } = await wroteSome();
  server.changes.push(["d", "unanswered"]);
  t.deepEqual(await ledger.differences(server, { keys: KEYS }), []);
  ledger.sent({ key: "d", value: null });
  server.changes.push(["d", null]);
  t.deepEqual(await ledger.differences(server, { keys: KEYS }), []);
  server.changes.push(["d", "unanswered"]);
  const [first, ...rest] = await ledger.differences(server, { keys: KEYS });
  t.is(first, "d is there, but should not be");
  t.is(rest.at(-1), "7 changes, but the revision is 9");
});

test("WriteLedger finds a count of deleted keys that is wrong", async (t) => {
  const { server, ledger } = await wroteSome();
  ledger.sent({ key: "b", value: null });
  server.changes.push(["b", null]);
  ledger.acknowledgedDelete("b", { deleted: 0, revision: 7 });
  t.deepEqual(await ledger.differences(server, { keys: KEYS }), [
    "delete b deleted 0 keys instead of 1",
  ]);
});
