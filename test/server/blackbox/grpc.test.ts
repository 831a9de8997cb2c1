import anyTest, { type ExecutionContext, type TestFn } from "ava";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  CompactionRequestSchema,
  DeleteRangeRequestSchema,
  PutRequestSchema,
  RangeRequestSchema,
} from "../../../proto/mod.ts";
import { type GrpcAnswer, GrpcConnection, grpcFrame } from "../../support/grpc_client.ts";
import { GrpcKvClient } from "../../support/grpc_kv_client.ts";
import { ServerProcess } from "../../support/server_process.ts";

/** The numbers that gRPC has given to its errors. */
const OK = 0;
const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;
const OUT_OF_RANGE = 11;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;

const MIB = 1024 * 1024;
/** The longest message that etcd's server takes from the wire: 1.5 MiB and 512 KiB. */
const RECEIVED_MAX = 2 * MIB;

/** What goes before the number of an enum in a `RangeRequest`: its field, and that it is a number. */
const SORT_ORDER_TAG = 5 << 3;
const SORT_TARGET_TAG = 6 << 3;

const test = anyTest as TestFn<{ server: ServerProcess; connection: GrpcConnection }>;

test.before(async (t) => {
  t.context.server = await ServerProcess.start();
});

test.beforeEach(async (t) => {
  t.context.connection = await GrpcConnection.open(t.context.server.url);
});

test.afterEach.always((t) => {
  t.context.connection[Symbol.dispose]();
});

test.after.always(async (t) => {
  await t.context.server[Symbol.asyncDispose]();
});

const key = new TextEncoder().encode("key");
const value = new TextEncoder().encode("value");

function put(fields: Parameters<typeof create<typeof PutRequestSchema>>[1]): Uint8Array {
  return toBinary(PutRequestSchema, create(PutRequestSchema, fields));
}

function range(fields: Parameters<typeof create<typeof RangeRequestSchema>>[1]): Uint8Array {
  return toBinary(RangeRequestSchema, create(RangeRequestSchema, fields));
}

/** The server takes puts and answers ranges, on connections old and new. */
async function assertServes(
  t: ExecutionContext<{ server: ServerProcess; connection: GrpcConnection }>,
): Promise<void> {
  const { server, connection } = t.context;
  t.is((await connection.send("/etcdserverpb.KV/Put", put({ key, value }))).code, OK);
  using client = await GrpcKvClient.open(server.url);
  const revision = await client.put("served", t.title);
  const { kvs } = await client.range({ key: "served" });
  t.like(kvs, [{ value: t.title, modRevision: revision }]);
}

for (
  const { method, message, code, text, why } of [
    {
      method: "etcdserverpb.KV/Nonsense",
      message: put({ key }),
      code: UNIMPLEMENTED,
      text: "unknown method Nonsense for service etcdserverpb.KV",
      why: "no such method",
    },
    {
      method: "etcdserverpb.Nonsense/Put",
      message: put({ key }),
      code: UNIMPLEMENTED,
      text: "unknown service etcdserverpb.Nonsense",
      why: "no such service",
    },
    {
      method: "etcdserverpb.KV/Put",
      message: put({ value }),
      code: INVALID_ARGUMENT,
      text: "etcdserver: key is not provided",
      why: "a key is required",
    },
    {
      method: "etcdserverpb.KV/Range",
      message: range({}),
      code: INVALID_ARGUMENT,
      text: "etcdserver: key is not provided",
      why: "a key is required",
    },
    {
      method: "etcdserverpb.KV/DeleteRange",
      message: toBinary(
        DeleteRangeRequestSchema,
        create(DeleteRangeRequestSchema, { rangeEnd: key }),
      ),
      code: INVALID_ARGUMENT,
      text: "etcdserver: key is not provided",
      why: "an end alone is no range",
    },
    {
      method: "etcdserverpb.KV/Put",
      message: put({ key, value, ignoreValue: true }),
      code: INVALID_ARGUMENT,
      text: "etcdserver: value is provided",
      why: "a value that is to be ignored",
    },
    {
      method: "etcdserverpb.KV/Put",
      message: put({ key, lease: 7n, ignoreLease: true }),
      code: INVALID_ARGUMENT,
      text: "etcdserver: lease is provided",
      why: "a lease that is to be ignored",
    },
    {
      method: "etcdserverpb.KV/Put",
      message: put({ value, ignoreValue: true }),
      code: INVALID_ARGUMENT,
      text: "etcdserver: key is not provided",
      why: "the key is looked at first",
    },
    {
      method: "etcdserverpb.KV/Put",
      message: put({ key, value, lease: 7n, ignoreValue: true, ignoreLease: true }),
      code: INVALID_ARGUMENT,
      text: "etcdserver: value is provided",
      why: "the value is looked at before the lease",
    },
    {
      method: "etcdserverpb.KV/Put",
      message: put({ key: new TextEncoder().encode("absent"), ignoreValue: true }),
      code: INVALID_ARGUMENT,
      text: "etcdserver: key not found",
      why: "there is no value to keep",
    },
    {
      method: "etcdserverpb.KV/Put",
      message: put({ key: new TextEncoder().encode("absent"), value, ignoreLease: true }),
      code: INVALID_ARGUMENT,
      text: "etcdserver: key not found",
      why: "there is no lease to keep",
    },
    {
      method: "etcdserverpb.KV/Put",
      message: put({ key, value, lease: 7n }),
      code: NOT_FOUND,
      text: "etcdserver: requested lease not found",
      why: "no such lease",
    },
    {
      method: "etcdserverpb.KV/Range",
      message: Uint8Array.of(...range({ key }), SORT_ORDER_TAG, 9),
      code: INVALID_ARGUMENT,
      text: "etcdserver: invalid sort option",
      why: "no such order",
    },
    {
      method: "etcdserverpb.KV/Range",
      message: Uint8Array.of(...range({ key }), SORT_TARGET_TAG, 9),
      code: INVALID_ARGUMENT,
      text: "etcdserver: invalid sort option",
      why: "no such target",
    },
    {
      method: "etcdserverpb.KV/Range",
      message: range({ key, revision: 2n ** 63n - 1n }),
      code: OUT_OF_RANGE,
      text: "etcdserver: mvcc: required revision is a future revision",
      why: "the greatest revision that the wire can carry",
    },
    {
      method: "etcdserverpb.KV/Compact",
      message: toBinary(
        CompactionRequestSchema,
        create(CompactionRequestSchema, { revision: 2n ** 53n }),
      ),
      code: OUT_OF_RANGE,
      text: "etcdserver: mvcc: required revision is a future revision",
      why: "a revision that a double cannot count",
    },
    {
      method: "etcdserverpb.KV/Compact",
      message: toBinary(
        CompactionRequestSchema,
        create(CompactionRequestSchema, { revision: -1n }),
      ),
      code: OUT_OF_RANGE,
      text: "etcdserver: mvcc: required revision has been compacted",
      why: "never was a revision",
    },
  ]
) {
  test.serial(`gRPC ${method} answers ${code} "${text}": ${why}`, async (t) => {
    const answer = await t.context.connection.send(`/${method}`, message);
    t.like(answer, { httpStatus: 200, code, message: text, messages: { length: 0 } });
    await assertServes(t);
  });
}

for (
  const { message, why } of [
    { message: [0xff, 0xff, 0xff], why: "the message ends in a field's number" },
    { message: [0x0a, 0x7f, 0x41], why: "a key of 127 bytes, of which one is there" },
    { message: [0x0e], why: "there is no wire type 6" },
    { message: [0x00, 0x00], why: "there is no field 0" },
    { message: [0x08, 0x01], why: "a key is bytes, not a number" },
    {
      message: [0x18, ...Array.from({ length: 11 }, () => 0xff)],
      why: "a number of more than ten bytes",
    },
  ]
) {
  test.serial(`gRPC refuses malformed protobuf: ${why}`, async (t) => {
    const answer = await t.context.connection.send(
      "/etcdserverpb.KV/Put",
      Uint8Array.from(message),
    );
    t.like(answer, { httpStatus: 200, code: INTERNAL, messages: { length: 0 } });
    t.regex(answer.message, /^grpc: error unmarshalling request: /);
    await assertServes(t);
  });
}

test.serial("gRPC passes over protobuf fields that it does not know", async (t) => {
  const known = put({ key, value });
  const unknown = [0xa2, 0x7d, 0x01, 0x41]; // Field 2004, one byte.
  const answer = await t.context.connection.send(
    "/etcdserverpb.KV/Put",
    Uint8Array.of(...unknown, ...known, ...unknown),
  );
  t.is(answer.code, OK);
});

/** A put whose message is `length` bytes long. */
function putOfLength(length: number): Uint8Array {
  const message = put({ key, value: new Uint8Array(length - 10) });
  return put({ key, value: new Uint8Array(length - 10 + (length - message.length)) });
}

for (
  const { length, code, text, why } of [
    { length: 1.5 * MIB - 1024, code: OK, text: "", why: "below 1.5 MiB with all that is around" },
    {
      length: 1.5 * MIB + 1,
      code: INVALID_ARGUMENT,
      text: "etcdserver: request is too large",
      why: "above 1.5 MiB",
    },
    {
      length: RECEIVED_MAX,
      code: INVALID_ARGUMENT,
      text: "etcdserver: request is too large",
      why: "the longest that is read",
    },
    {
      length: RECEIVED_MAX + 1,
      code: RESOURCE_EXHAUSTED,
      text: "grpc: received message larger than max (2097153 vs. 2097152)",
      why: "one byte more than is read",
    },
    {
      length: 5 * MIB,
      code: RESOURCE_EXHAUSTED,
      text: "grpc: received message larger than max (5242880 vs. 2097152)",
      why: "far more than is read",
    },
  ]
) {
  test.serial(`gRPC answers ${code} to a put of ${length} bytes: ${why}`, async (t) => {
    const message = putOfLength(length);
    t.is(message.length, length);
    const answer = await t.context.connection.send("/etcdserverpb.KV/Put", message);
    t.like(answer, { httpStatus: 200, code, message: text });
    await assertServes(t);
  });
}

for (
  const { body, headers = {}, code, text, why } of [
    {
      body: grpcFrame(put({ key, value }), { length: 0xffff_ffff }),
      code: [RESOURCE_EXHAUSTED],
      text: /^grpc: received message larger than max \(4294967295 vs\. 2097152\)$/,
      why: "a length of 4 GiB",
    },
    {
      body: grpcFrame(put({ key, value }), { length: RECEIVED_MAX + 1 }),
      code: [RESOURCE_EXHAUSTED],
      text: /^grpc: received message larger than max \(2097153 vs\. 2097152\)$/,
      why: "too long by its length, before the message itself has come",
    },
    {
      body: grpcFrame(put({ key, value }), { length: 100 }),
      code: [UNKNOWN, INTERNAL],
      text: /./,
      why: "the call ends before its message",
    },
    {
      body: Uint8Array.of(0, 0),
      code: [UNKNOWN, INTERNAL],
      text: /./,
      why: "the call ends before its message's length",
    },
    {
      body: new Uint8Array(),
      code: [UNKNOWN, INTERNAL],
      text: /./,
      why: "the call has no message",
    },
    {
      body: grpcFrame(put({ key, value }), { flag: 1 }),
      code: [INTERNAL],
      text: /compressed/,
      why: "compressed, but not said how",
    },
    {
      body: grpcFrame(put({ key, value }), { flag: 1 }),
      headers: { "grpc-encoding": "nonsense" },
      code: [UNIMPLEMENTED],
      text: /./,
      why: "compressed in a way that the server does not have",
    },
  ]
) {
  test.serial(`gRPC refuses a broken call: ${why}`, async (t) => {
    const answer = await t.context.connection.call("/etcdserverpb.KV/Put", body, headers);
    t.like(answer, { httpStatus: 200, messages: { length: 0 } });
    t.true(code.includes(answer.code), `${answer.code} ${answer.message}`);
    t.regex(answer.message, text);
    await assertServes(t);
  });
}

for (const timeout of ["1n", "0S"]) {
  test.serial(`gRPC refuses a put whose time of ${timeout} is over, and does not do it`, async (t) => {
    const { connection } = t.context;
    const late = new TextEncoder().encode(`late ${timeout}`);
    const answer = await connection.send("/etcdserverpb.KV/Put", put({ key: late, value }), {
      "grpc-timeout": timeout,
    });
    t.like(answer, { code: DEADLINE_EXCEEDED, message: "context deadline exceeded" });
    using client = await GrpcKvClient.open(t.context.server.url);
    t.is((await client.range({ key: `late ${timeout}` })).count, 0);
  });
}

for (const timeout of ["10S", "5000m", "99999999H", "30000000u"]) {
  test.serial(`gRPC serves a put with ${timeout} of time`, async (t) => {
    const answer = await t.context.connection.send("/etcdserverpb.KV/Put", put({ key, value }), {
      "grpc-timeout": timeout,
    });
    t.is(answer.code, OK);
  });
}

test.serial("gRPC answers calls of one connection that are under way together", async (t) => {
  const { connection } = t.context;
  const answers: GrpcAnswer[] = await Promise.all(
    Array.from(
      { length: 500 },
      (_, call) =>
        call % 3 === 0
          ? connection.send("/etcdserverpb.KV/Put", range({}))
          : connection.send("/etcdserverpb.KV/Put", put({ key, value })),
    ),
  );
  t.deepEqual(
    answers.map(({ code }) => code),
    answers.map((_, call) => call % 3 === 0 ? INVALID_ARGUMENT : OK),
  );
});

test.serial("gRPC goes on when a client breaks off in the middle of calls", async (t) => {
  using other = await GrpcConnection.open(t.context.server.url);
  const calls = Array.from(
    { length: 100 },
    () => other.send("/etcdserverpb.KV/Put", putOfLength(100_000)),
  );
  const [first] = calls;
  await first;
  other.session.destroy();
  await Promise.allSettled(calls);
  await assertServes(t);
});
