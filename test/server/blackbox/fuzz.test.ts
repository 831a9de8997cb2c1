import { create, toBinary } from "@bufbuild/protobuf";
import anyTest, { type ExecutionContext, type TestFn } from "ava";
import {
  CompactionRequestSchema,
  DeleteRangeRequestSchema,
  PutRequestSchema,
  RangeRequestSchema,
} from "../../../proto/mod.ts";
import { before } from "../../support/deadline.ts";
import { GrpcConnection } from "../../support/grpc_client.ts";
import { GrpcKvClient } from "../../support/grpc_kv_client.ts";
import { postJson } from "../../support/json_client.ts";
import { NoAnswerError } from "../../support/kv_client.ts";
import { throwAt } from "../../support/raw_http.ts";
import { randomOfTest, type SeededRandom } from "../../support/seeded_random.ts";
import { ServerProcess } from "../../support/server_process.ts";

const test = anyTest as TestFn<{ server: ServerProcess }>;

test.before(async (t) => {
  t.context.server = await ServerProcess.start();
});

test.after.always(async (t) => {
  await t.context.server[Symbol.asyncDispose]();
});

const ROUNDS = 500;
const TOGETHER = 20;

const key = Uint8Array.of(1, 2, 3);

/** A good request of each method that there is, to be spoilt; the last one is of none. */
const METHODS: readonly { readonly path: string; readonly request: Uint8Array }[] = [
  {
    path: "/etcdserverpb.KV/Range",
    request: toBinary(
      RangeRequestSchema,
      create(RangeRequestSchema, { key, rangeEnd: Uint8Array.of(0), limit: 5n, sortOrder: 2 }),
    ),
  },
  {
    path: "/etcdserverpb.KV/Put",
    request: toBinary(
      PutRequestSchema,
      create(PutRequestSchema, { key, value: new Uint8Array(20), prevKv: true }),
    ),
  },
  {
    path: "/etcdserverpb.KV/DeleteRange",
    request: toBinary(
      DeleteRangeRequestSchema,
      create(DeleteRangeRequestSchema, { key, rangeEnd: Uint8Array.of(9), prevKv: true }),
    ),
  },
  {
    path: "/etcdserverpb.KV/Compact",
    request: toBinary(CompactionRequestSchema, create(CompactionRequestSchema, { revision: 3n })),
  },
  { path: "/etcdserverpb.Maintenance/Status", request: Uint8Array.of() },
  { path: "/etcdserverpb.Cluster/MemberList", request: Uint8Array.of(0x08, 0x01) },
  { path: "/etcdserverpb.KV/Nonsense", request: Uint8Array.of() },
];

/** Random bytes, or a good request with some bytes replaced, added or missing. */
function spoilt(request: Uint8Array, random: SeededRandom): Uint8Array {
  switch (random.int(0, 3)) {
    case 0:
      return random.bytes(random.int(0, 200));
    case 1:
      return request.map((byte) => random.int(0, 6) === 0 ? random.int(0, 256) : byte);
    default: {
      const cut = random.int(0, request.length + 1);
      return Uint8Array.of(
        ...request.subarray(0, cut),
        ...random.bytes(random.int(0, 8)),
        ...request.subarray(random.int(0, request.length + 1)),
      );
    }
  }
}

/** Runs `round` for a number of times, some of them together. */
async function rounds(count: number, round: () => Promise<void>): Promise<void> {
  const all = Array.from({ length: count }).values();
  await before(
    Promise.all(Array.from({ length: TOGETHER }, async () => {
      for (const _ of all) {
        await round();
      }
    })),
    { withinMs: 60_000, what: "an answer to each request" },
  );
}

/** It is the same process, and takes puts and answers ranges over both wires. */
async function assertServes(t: ExecutionContext<{ server: ServerProcess }>): Promise<void> {
  const { server } = t.context;
  t.true(server.isRunning, server.stderr);
  using client = await GrpcKvClient.open(server.url);
  const revision = await client.put("served", t.title);
  const { kvs } = await client.range({ key: "served" });
  t.like(kvs, [{ value: t.title, modRevision: revision }]);
  const found = await postJson(`${server.url}/v3/kv/range`, { key: "c2VydmVk" });
  t.is(found.status, 200, found.text);
}

for (const { path, request } of METHODS) {
  test.serial(`the server answers ${ROUNDS} spoilt messages to ${path}, and goes on`, async (t) => {
    const random = randomOfTest(t);
    using connection = await GrpcConnection.open(t.context.server.url);
    const codes = new Map<number, number>();
    await rounds(ROUNDS, async () => {
      const { code } = await connection.send(path, spoilt(request, random));
      codes.set(code, (codes.get(code) ?? 0) + 1);
    });
    t.log(`answers by code: ${JSON.stringify(Object.fromEntries(codes))}`);
    t.is([...codes.values()].reduce((sum, count) => sum + count, 0), ROUNDS);
    // OK, InvalidArgument, NotFound, OutOfRange, Unimplemented, Internal for what is no protobuf.
    t.deepEqual([...codes.keys()].filter((code) => ![0, 3, 5, 11, 12, 13].includes(code)), []);
    await assertServes(t);
  });
}

test.serial(`the server answers ${ROUNDS} spoilt frames, and goes on`, async (t) => {
  const random = randomOfTest(t);
  using connection = await GrpcConnection.open(t.context.server.url);
  let unanswered = 0;
  await rounds(ROUNDS, async () => {
    try {
      await connection.call("/etcdserverpb.KV/Put", random.bytes(random.int(0, 100)));
    } catch (error) {
      t.true(error instanceof NoAnswerError, String(error));
      unanswered += 1;
    }
  });
  t.is(unanswered, 0);
  await assertServes(t);
});

for (const method of ["put", "range", "deleterange", "compaction"]) {
  test.serial(`the gateway answers ${ROUNDS} spoilt bodies to ${method}, and goes on`, async (t) => {
    const random = randomOfTest(t);
    const good = JSON.stringify({ key: "a2V5", value: "dg==", range_end: "AA==", revision: "2" });
    const statuses = new Map<number, number>();
    await rounds(ROUNDS, async () => {
      const body = spoilt(new TextEncoder().encode(good), random);
      const answer = await fetch(`${t.context.server.url}/v3/kv/${method}`, {
        method: "POST",
        body,
      });
      const text = await answer.text();
      t.is(typeof JSON.parse(text), "object", text);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    });
    t.log(`answers by status: ${JSON.stringify(Object.fromEntries(statuses))}`);
    t.deepEqual([...statuses.keys()].filter((status) => ![200, 400, 404].includes(status)), []);
    await assertServes(t);
  });
}

/** What a client of each wire says first. */
const BEGINNINGS: readonly [string, ...string[]] = [
  "",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
  "PRI * HTTP/2.0\r\n",
  "POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\n",
  "POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
  "GET /health HTTP/1.1\r\n",
  "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
];

test.serial(`the server's port takes ${ROUNDS} blobs of bytes, and the server goes on`, async (t) => {
  const random = randomOfTest(t);
  await rounds(ROUNDS, async () => {
    const beginning = Buffer.from(random.pick(BEGINNINGS), "latin1");
    await throwAt(
      t.context.server.port,
      Uint8Array.of(...beginning, ...random.bytes(random.int(0, 300))),
    );
  });
  await assertServes(t);
});
