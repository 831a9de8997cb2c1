import { once } from "node:events";
import {
  connect as connectHttp2,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from "node:http2";
import anyTest, { type ExecutionContext, type TestFn } from "ava";
import { base64, jsonAnswer, postJson } from "../../support/json_client.ts";
import { rawHttp } from "../../support/raw_http.ts";
import { ServerProcess } from "../../support/server_process.ts";

const test = anyTest as TestFn<{ server: ServerProcess }>;

test.before(async (t) => {
  t.context.server = await ServerProcess.start();
});

test.after.always(async (t) => {
  await t.context.server[Symbol.asyncDispose]();
});

type Context = ExecutionContext<{ server: ServerProcess }>;

/** Posts to the gateway, whose answer must be JSON with this status. */
async function post(
  t: Context,
  path: string,
  body: object | string,
  status = 200,
): Promise<Record<string, unknown>> {
  const answer = await postJson(t.context.server.url + path, body);
  t.is(answer.status, status, answer.text);
  t.regex(answer.headers.get("content-type") ?? "", /^application\/json/);
  return answer.body as Record<string, unknown>;
}

const HEADER = {
  cluster_id: /^[1-9]\d*$/,
  member_id: /^[1-9]\d*$/,
  revision: /^[1-9]\d*$/,
  raft_term: /^[1-9]\d*$/,
} as const;

/** All 64-bit numbers are strings, and there is nothing more than should be. */
function assertHeader(t: Context, header: unknown, names: readonly (keyof typeof HEADER)[]): void {
  t.deepEqual(Object.keys(header as object).sort(), [...names].sort());
  for (const name of names) {
    const field = (header as Record<string, unknown>)[name];
    t.is(typeof field, "string");
    t.regex(String(field), HEADER[name]);
  }
}

const ALL = ["cluster_id", "member_id", "revision", "raft_term"] as const;

test.serial("the gateway walks through put, range, delete and compaction", async (t) => {
  const first = await post(t, "/v3/kv/put", { key: base64("walk"), value: base64("one") });
  t.deepEqual(Object.keys(first), ["header"]);
  assertHeader(t, first["header"], ALL);
  const revision = Number((first["header"] as { revision: string }).revision);
  const second = await post(t, "/v3/kv/put", {
    key: base64("walk"),
    value: base64("two"),
    prev_kv: true,
  });
  t.deepEqual(second["prev_kv"], {
    key: base64("walk"),
    create_revision: String(revision),
    mod_revision: String(revision),
    version: "1",
    value: base64("one"),
  });

  const found = await post(t, "/v3/kv/range", { key: base64("walk") });
  assertHeader(t, found["header"], ALL);
  t.like(found, { header: { revision: String(revision + 1) } });
  t.deepEqual({ ...found, header: undefined }, {
    header: undefined,
    kvs: [{
      key: base64("walk"),
      create_revision: String(revision),
      mod_revision: String(revision + 1),
      version: "2",
      value: base64("two"),
    }],
    count: "1",
  });

  const deleted = await post(t, "/v3/kv/deleterange", { key: base64("walk"), prev_kv: true });
  t.like(deleted, {
    header: { revision: String(revision + 2) },
    deleted: "1",
    prev_kvs: [{ key: base64("walk"), value: base64("two"), version: "2" }],
  });
  const nothing = await post(t, "/v3/kv/deleterange", { key: base64("walk") });
  t.deepEqual(Object.keys(nothing), ["header"], "zero is left out");
  t.like(nothing, { header: { revision: String(revision + 2) } });
  t.deepEqual(Object.keys(await post(t, "/v3/kv/range", { key: base64("walk") })), ["header"]);

  const old = await post(t, "/v3/kv/range", { key: base64("walk"), revision: String(revision) });
  t.like(old, { kvs: [{ value: base64("one") }] });
  const compacted = await post(t, "/v3/kv/compaction", { revision: String(revision + 1) });
  t.deepEqual(Object.keys(compacted), ["header"]);
  const COMPACTED = {
    code: 11,
    message: "etcdserver: mvcc: required revision has been compacted",
  };
  t.deepEqual(
    await post(t, "/v3/kv/range", { key: base64("walk"), revision: String(revision) }, 400),
    COMPACTED,
  );
  t.deepEqual(
    await post(t, "/v3/kv/compaction", { revision: String(revision + 1) }, 400),
    COMPACTED,
  );
  t.like(await post(t, "/v3/kv/range", { key: base64("walk"), revision: revision + 1 }), {
    kvs: [{ value: base64("two") }],
  });
});

test.serial("the gateway answers a status and a list of members", async (t) => {
  const status = await post(t, "/v3/maintenance/status", {});
  assertHeader(t, status["header"], ALL);
  for (
    const name of ["dbSize", "leader", "raftIndex", "raftTerm", "raftAppliedIndex", "dbSizeInUse"]
  ) {
    t.regex(String(status[name]), /^[1-9]\d*$/, name);
    t.is(typeof status[name], "string", name);
  }
  t.regex(String(status["version"]), /^3\.6\.\d+$/);
  t.regex(String(status["storageVersion"]), /^3\.6\.0$/);
  t.is(status["leader"], (status["header"] as { member_id: string }).member_id);

  const list = await post(t, "/v3/cluster/member/list", {});
  assertHeader(t, list["header"], ["cluster_id", "member_id", "raft_term"]);
  t.deepEqual(list["members"], [{
    ID: status["leader"],
    name: "default",
    peerURLs: ["http://localhost:2380"],
    clientURLs: [t.context.server.url],
  }]);
});

for (
  const { path, body, want, why } of [
    {
      path: "range",
      body: `{"key":"Zm9ybXM=","range_end":"Zm9ybXQ=","limit":"1"}`,
      want: { count: "2", more: true },
      why: "names as in the .proto, a number as a string",
    },
    {
      path: "range",
      body: `{"key":"Zm9ybXM=","rangeEnd":"Zm9ybXQ=","limit":1}`,
      want: { count: "2", more: true },
      why: "names in camel case, a number as a number",
    },
    {
      path: "range",
      body: `{"key":"Zm9ybXM=","range_end":null,"limit":null,"sort_order":null}`,
      want: { count: "1", kvs: [{ key: "Zm9ybXM=" }] },
      why: "null is as good as absent",
    },
    {
      path: "range",
      body: `{"key":"Zm9ybXM=","nonsense":{"a":[1,null]},"Limit":"x"}`,
      want: { count: "1" },
      why: "unknown fields are passed over, and case matters",
    },
    {
      path: "range",
      body:
        `{"key":"Zm9ybXM=","range_end":"AA==","keys_only":true,"sort_order":"DESCEND","limit":1}`,
      want: { kvs: [{ key: "Zm9ybXMy" }] },
      why: "an enum's name",
    },
    {
      path: "range",
      body: `{"key":"Zm9ybXM=","range_end":"AA==","sort_order":2,"sort_target":"MOD","limit":1}`,
      want: { kvs: [{ key: "Zm9ybXMy" }] },
      why: "an enum's number",
    },
    {
      path: "range",
      body: `{"key":"Zm9ybXM=","sort_order":"descend"}`,
      want: { count: "1" },
      why: "an enum's unknown name is 0",
    },
    {
      path: "range",
      body: `{"key":"Zm9ybXM=","count_only":true,"range_end":"Zm9ybXQ="}`,
      want: { count: "2" },
      why: "a count alone",
    },
    {
      path: "range",
      body: `{"key":"_-8","range_end":"_-8"}`,
      want: { kvs: undefined },
      why: "base64 of the URL-safe alphabet, without padding",
    },
    {
      path: "range",
      body: ` \n{ "key" : "Zm9ybXM=" } \n`,
      want: { count: "1" },
      why: "white space around",
    },
  ]
) {
  test.serial(`the gateway takes ${body.trim()}: ${why}`, async (t) => {
    for (const key of ["forms", "forms2"]) {
      await post(t, "/v3/kv/put", { key: base64(key), value: base64("x") });
    }
    t.like(await post(t, `/v3/kv/${path}`, body), want);
  });
}

for (
  const { body, why } of [
    { body: `{bad`, why: "not JSON" },
    { body: `{"key":`, why: "JSON that ends early" },
    { body: `[]`, why: "a list is not a message" },
    { body: `"key"`, why: "a string is not a message" },
    { body: `{"key":5}`, why: "bytes are a string" },
    { body: `{"key":"a2V5!"}`, why: "not base64" },
    { body: `{"key":"a2V5","limit":"x"}`, why: "not a number" },
    { body: `{"key":"a2V5","limit":1.5}`, why: "not a whole number" },
    { body: `{"key":"a2V5","limit":"9223372036854775808"}`, why: "more than 64 bits" },
    { body: `{"key":"a2V5","keys_only":"true"}`, why: "a string is not true" },
    { body: `\u0000\u0001`, why: "control characters" },
    { body: "[".repeat(100_000), why: "nested too deep" },
  ]
) {
  test.serial(`the gateway refuses ${JSON.stringify(body.slice(0, 40))} with code 3: ${why}`, async (t) => {
    const answer = await post(t, "/v3/kv/range", body, 400);
    t.deepEqual(Object.keys(answer).sort(), ["code", "message"]);
    t.is(answer["code"], 3);
    t.true(String(answer["message"]).length > 0);
    t.is((await postJson(`${t.context.server.url}/v3/kv/put`, { key: "a2V5" })).status, 200);
  });
}

for (
  const { path, body, status, answer, why } of [
    {
      path: "/v3/kv/put",
      body: "",
      status: 400,
      answer: { code: 3, message: "etcdserver: key is not provided" },
      why: "an empty body is an empty message",
    },
    {
      path: "/v3/kv/range",
      body: { key: "a2V5", revision: "9223372036854775807" },
      status: 400,
      answer: { code: 11, message: "etcdserver: mvcc: required revision is a future revision" },
      why: "the greatest of all revisions",
    },
    {
      path: "/v3/kv/put",
      body: { key: "a2V5", lease: "7" },
      status: 404,
      answer: { code: 5, message: "etcdserver: requested lease not found" },
      why: "no such lease",
    },
    {
      path: "/v3/kv/range",
      body: { key: "a2V5", sort_order: 9 },
      status: 400,
      answer: { code: 3, message: "etcdserver: invalid sort option" },
      why: "no such order",
    },
    {
      path: "/v3/kv/put",
      body: { key: "a2V5", value: Buffer.alloc(1.5 * 1024 * 1024 + 1).toString("base64") },
      status: 400,
      answer: { code: 3, message: "etcdserver: request is too large" },
      why: "above 1.5 MiB",
    },
    {
      path: "/v3/kv/put",
      body: { key: "a2V5", value: Buffer.alloc(2 * 1024 * 1024).toString("base64") },
      status: 429,
      answer: {
        code: 8,
        message: "grpc: received message larger than max (2097162 vs. 2097152)",
      },
      why: "longer than gRPC takes",
    },
    {
      path: "/v3/kv/nonsense",
      body: {},
      status: 404,
      answer: { code: 5, message: "Not Found" },
      why: "no such method",
    },
    {
      path: "/v3/nonsense",
      body: {},
      status: 404,
      answer: { code: 5, message: "Not Found" },
      why: "no such service",
    },
  ]
) {
  test.serial(`the gateway answers ${path} with ${status} "${answer.message}": ${why}`, async (t) => {
    t.deepEqual(await post(t, path, body, status), answer);
  });
}

for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
  test.serial(`the gateway answers ${method} /v3/kv/range with 501: gRPC's methods are posted`, async (t) => {
    const answer = await jsonAnswer(await fetch(`${t.context.server.url}/v3/kv/range`, { method }));
    t.is(answer.status, 501);
    t.deepEqual(answer.body, { code: 12, message: "Method Not Allowed" });
  });
}

test.serial("the server answers /version and /health", async (t) => {
  const { url } = t.context.server;
  const version = await jsonAnswer(await fetch(`${url}/version`));
  t.is(version.status, 200);
  t.regex(version.headers.get("content-type") ?? "", /^application\/json/);
  const { etcdserver, etcdcluster, storage } = version.body as Record<string, string>;
  t.regex(etcdserver ?? "", /^3\.6\.\d+$/);
  t.deepEqual([etcdcluster, storage], ["3.6.0", "3.6.0"]);

  const health = await jsonAnswer(await fetch(`${url}/health`));
  t.is(health.status, 200);
  t.deepEqual(health.body, { health: "true", reason: "" });
  t.is((await fetch(`${url}/health?serializable=true`)).status, 200);
});

for (const path of ["/health", "/version"]) {
  for (const method of ["POST", "PUT", "DELETE"]) {
    test.serial(`the server answers ${method} ${path} with 405`, async (t) => {
      const answer = await fetch(`${t.context.server.url}${path}`, { method });
      t.is(answer.status, 405);
      t.is(answer.headers.get("allow"), "GET");
    });
  }
}

for (const path of ["/", "/nonsense", "/v2/keys", "/v3alpha/kv/range"]) {
  test.serial(`the server answers ${path} with 404 in plain text`, async (t) => {
    const answer = await jsonAnswer(await fetch(t.context.server.url + path, { method: "POST" }));
    t.is(answer.status, 404);
    t.regex(answer.headers.get("content-type") ?? "", /^text\/plain/);
    t.is(answer.text.trim(), "404 page not found");
  });
}

test.serial("the gateway answers what curl sends, whatever it calls its body", async (t) => {
  const { port } = t.context.server;
  const body = `{"key":"Y3VybA==","value":"cHV0"}`;
  const answers = await rawHttp(
    port,
    [
      `POST /v3/kv/put HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: curl/8.14.1\r\n` +
      `Accept: */*\r\nConnection: close\r\nContent-Length: ${body.length}\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\n\r\n${body}`,
    ],
  );
  t.regex(answers, /^HTTP\/1\.1 200 OK\r\n/);
  t.regex(answers, /"revision":"\d+"/);
});

test.serial("the gateway takes a request that comes in pieces and in chunks", async (t) => {
  const { port, url } = t.context.server;
  const answer = await rawHttp(port, [
    "POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Enc",
    `oding: chunked\r\n\r\n8\r\n{"key":"\r\n`,
    `1d\r\ncGllY2Vz","value":"MTIzNA=="}\r\n0\r\n\r\n`,
  ]);
  t.regex(answer, /^HTTP\/1\.1 200 OK\r\n/);
  const found = await postJson(`${url}/v3/kv/range`, { key: "cGllY2Vz" });
  t.like(found.body, { kvs: [{ value: "MTIzNA==" }] });
});

test.serial("the gateway does one connection's requests in their order, even if sent without waiting", async (t) => {
  const put = `{"key":"b3JkZXI=","value":"MTIzNA=="}`;
  const range = `{"key":"b3JkZXI="}`;
  const answers = await rawHttp(t.context.server.port, [
    `POST /v3/kv/put HTTP/1.1\r\nHost: a\r\nContent-Length: ${put.length}\r\n\r\n${put}` +
    `POST /v3/kv/range HTTP/1.1\r\nHost: a\r\nContent-Length: ${range.length}\r\n\r\n${range}` +
    "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  ]);
  t.is(answers.match(/HTTP\/1\.1 200 OK/g)?.length, 3, answers);
  t.regex(answers, /"value":"MTIzNA=="/);
  t.regex(answers, /"health":"true"/);
});

test.serial("the gateway serves HTTP/2 too, for content that is not gRPC's", async (t) => {
  const session = connectHttp2(t.context.server.url);
  try {
    await once(session, "connect");
    const request = async (method: string, path: string, body: string) => {
      const stream = session.request({
        ":method": method,
        ":path": path,
        "content-type": "application/json",
      }, { endStream: body === "" });
      const answered = once(stream, "response");
      if (body !== "") {
        stream.end(body);
      }
      const [headers] = await answered as [IncomingHttpHeaders & IncomingHttpStatusHeader];
      const text = Buffer.concat(await stream.toArray()).toString();
      return { status: headers[":status"], type: headers["content-type"], text };
    };
    const put = await request("POST", "/v3/kv/put", `{"key":"aDI=","value":"eA=="}`);
    t.like(put, { status: 200, type: "application/json" });
    const found = await request("POST", "/v3/kv/range", `{"key":"aDI="}`);
    t.like(JSON.parse(found.text), { kvs: [{ key: "aDI=", value: "eA==" }], count: "1" });
    const bad = await request("POST", "/v3/kv/range", `{bad`);
    t.is(bad.status, 400);
    t.like(JSON.parse(bad.text), { code: 3 });
    const unknown = await request("POST", "/v3/kv/nonsense", `{}`);
    t.is(unknown.status, 404);
    t.deepEqual(JSON.parse(unknown.text), { code: 5, message: "Not Found" });
    t.is((await request("GET", "/health", "")).status, 200);
    t.is((await request("POST", "/health", "")).status, 405);
    t.is((await request("GET", "/nonsense", "")).status, 404);
  } finally {
    session.destroy();
  }
});
