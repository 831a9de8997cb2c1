import { create, toBinary } from "@bufbuild/protobuf";
import test from "ava";
import fc from "fast-check";
import {
  CompactionRequestSchema,
  DeleteRangeRequestSchema,
  MemberSchema,
  PutRequestSchema,
} from "../../proto/mod.ts";
import type { Entry } from "../../raft/mod.ts";
import { type CommandKind, encodeCommand } from "../../server/state/command.ts";
import { ReplicatedState, STATE_BUCKETS } from "../../server/state/replicated_state.ts";
import { MemoryBackend } from "../../storage/mod.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const put = (key: string, value: string, options: object = {}) =>
  toBinary(
    PutRequestSchema,
    create(PutRequestSchema, { key: bytes(key), value: bytes(value), ...options }),
  );

const remove = (key: string, rangeEnd = "") =>
  toBinary(
    DeleteRangeRequestSchema,
    create(DeleteRangeRequestSchema, { key: bytes(key), rangeEnd: bytes(rangeEnd) }),
  );

const compact = (revision: number) =>
  toBinary(
    CompactionRequestSchema,
    create(CompactionRequestSchema, { revision: BigInt(revision) }),
  );

function command(index: number, kind: CommandKind, payload: Uint8Array, stampMs = 1_000): Entry {
  const data = encodeCommand({
    kind,
    requestId: index,
    stampMs,
    authRevision: 0,
    user: "",
    payload,
  });
  return { term: 1, index, kind: "command", data };
}

function openState(backend = new MemoryBackend()): ReplicatedState {
  const state = new ReplicatedState(backend);
  const restore = state.restore();
  while (restore.step(3) === "more");
  return state;
}

/** Everything that a backend holds, in order. */
function contents(backend: MemoryBackend): [string, string, string][] {
  return STATE_BUCKETS.flatMap((bucket) =>
    Array.from(
      backend.scan(bucket),
      ([key, value]): [string, string, string] => [
        bucket,
        Buffer.from(key).toString("hex"),
        Buffer.from(value).toString("hex"),
      ],
    )
  );
}

test("ReplicatedState answers each command with its revision", (t) => {
  const state = openState();
  t.deepEqual(state.apply(command(1, "put", put("a", "1"))), {
    type: "put",
    revision: 2,
    previous: null,
  });
  t.like(state.apply(command(2, "put", put("a", "2", { prevKv: true }))), {
    type: "put",
    revision: 3,
    previous: { value: bytes("1"), version: 1 },
  });
  t.deepEqual(state.apply(command(3, "deleteRange", remove("b"))), {
    type: "deleteRange",
    revision: 3,
    deleted: 0,
    previous: [],
  });
  t.like(state.apply(command(4, "deleteRange", remove("a", "z"))), { revision: 4, deleted: 1 });
  t.deepEqual(state.position, { index: 4, term: 1, stampMs: 1_000 });
});

for (
  const { payload, code, why } of [
    { payload: put("a", "1", { lease: 7n }), code: "LEASE_NOT_FOUND", why: "with a lease" },
    {
      payload: put("a", "", { ignoreValue: true }),
      code: "KEY_NOT_FOUND",
      why: "that keeps a value",
    },
    {
      payload: put("a", "1", { ignoreLease: true }),
      code: "KEY_NOT_FOUND",
      why: "that keeps a lease",
    },
  ] as const
) {
  test(`ReplicatedState refuses a put ${why} with ${code}, changes nothing and moves on`, (t) => {
    const state = openState();
    t.deepEqual(state.apply(command(1, "put", payload)), { type: "refused", code });
    t.is(state.store.currentRevision, 1);
    t.is(state.position.index, 1);
  });
}

test("ReplicatedState refuses compactions of the past and of the future", (t) => {
  const state = openState();
  state.apply(command(1, "put", put("a", "1")));
  t.deepEqual(state.apply(command(2, "compaction", compact(3))), {
    type: "refused",
    code: "REVISION_FUTURE",
  });
  t.like(state.apply(command(3, "compaction", compact(2))), { type: "compaction", revision: 2 });
  t.deepEqual(state.apply(command(4, "compaction", compact(2))), {
    type: "refused",
    code: "REVISION_COMPACTED",
  });
  t.is(state.position.index, 4);
});

test("ReplicatedState keeps a put's value or lease where the request says so", (t) => {
  const state = openState();
  state.apply(command(1, "put", put("a", "1")));
  state.apply(command(2, "put", put("a", "", { ignoreValue: true })));
  t.like(state.store.range({ key: bytes("a") }).kvs[0], { value: bytes("1"), version: 2 });
  state.apply(command(3, "put", put("a", "3", { ignoreLease: true })));
  t.like(state.store.range({ key: bytes("a") }).kvs[0], { value: bytes("3"), version: 3 });
});

test("ReplicatedState takes for now the newest stamp, which never goes back", (t) => {
  const state = openState();
  state.apply(command(1, "put", put("a", "1"), 5_000));
  state.apply(command(2, "put", put("a", "2"), 4_000));
  t.is(state.position.stampMs, 5_000);
});

test("ReplicatedState lists members by id, and keeps ids exact", (t) => {
  const backend = new MemoryBackend();
  const state = openState(backend);
  const publish = (index: number, ID: bigint, name: string) =>
    state.apply(
      command(
        index,
        "memberPublish",
        toBinary(
          MemberSchema,
          create(MemberSchema, { ID, name, peerURLs: ["http://p"], clientURLs: ["http://c"] }),
        ),
      ),
    );
  publish(1, 0xfedcba9876543211n, "late");
  publish(2, 0x0000000000000002n, "first");
  publish(3, 0xfedcba9876543211n, "renamed");
  const expected = [
    { id: "0000000000000002", name: "first", peerUrls: ["http://p"], clientUrls: ["http://c"] },
    { id: "fedcba9876543211", name: "renamed", peerUrls: ["http://p"], clientUrls: ["http://c"] },
  ];
  t.deepEqual(state.members, expected);
  t.deepEqual(openState(backend).members, expected);
  const [, , value = ""] = contents(backend).find(([, key]) => key.includes("66656463")) ?? [];
  t.regex(Buffer.from(value, "hex").toString(), /^\{"id":18364758544493064721,/);
});

test("ReplicatedState refuses an entry out of order", (t) => {
  const state = openState();
  t.throws(() => state.apply(command(2, "put", put("a", "1"))), {
    message: /entries are applied in order/,
  });
});

test("two ReplicatedStates fed the same log hold the same bytes, also over a restart (M1, M13)", (t) => {
  const key = fc.constantFrom("a", "b", "c", "d");
  const step = fc.oneof(
    fc.record({ type: fc.constant("put" as const), key, value: fc.string({ maxLength: 3 }) }),
    fc.record({ type: fc.constant("remove" as const), key, end: key }),
    fc.record({ type: fc.constant("compact" as const), revision: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ type: fc.constant("noop" as const) }),
    fc.record({ type: fc.constant("restart" as const) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const straight = new MemoryBackend();
    const restarted = new MemoryBackend();
    const first = openState(straight);
    let second = openState(restarted);
    let index = 0;
    for (const next of steps) {
      if (next.type === "restart") {
        second = openState(restarted);
        continue;
      }
      index += 1;
      const entry: Entry = next.type === "noop"
        ? { term: 1, index, kind: "noop", data: new Uint8Array(0) }
        : next.type === "put"
        ? command(index, "put", put(next.key, next.value), index)
        : next.type === "remove"
        ? command(index, "deleteRange", remove(next.key, next.end), index)
        : command(index, "compaction", compact(next.revision), index);
      t.deepEqual(second.apply(entry), first.apply(entry));
    }
    t.deepEqual(second.position, first.position);
    for (const { store } of [first, second]) {
      while (store.unfinishedCompaction?.step(2) === "more");
    }
    t.deepEqual(contents(restarted), contents(straight));
  }));
  t.pass();
});
