import { create, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import test from "ava";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  Event_EventType,
  LeaseGrantRequestSchema,
  Permission_Type,
  PermissionSchema,
  PutRequestSchema,
  RangeRequest_SortOrder,
  RangeRequestSchema,
  RangeResponseSchema,
  StatusResponseSchema,
  TxnRequestSchema,
  WatchResponseSchema,
} from "kvorum/proto";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");

/** The bytes were put together by hand from the protobuf encoding rules. */
interface WireCase<Schema extends DescMessage> {
  readonly schema: Schema;
  readonly message: MessageInitShape<Schema>;
  readonly wire: string;
  readonly why: string;
}

function wireCase<Schema extends DescMessage>(given: WireCase<Schema>): void {
  test(`${given.schema.typeName} is ${given.wire}: ${given.why}`, (t) => {
    const message = create(given.schema, given.message);
    t.is(hex(toBinary(given.schema, message)), given.wire);
    t.deepEqual(fromBinary(given.schema, Uint8Array.from(Buffer.from(given.wire, "hex"))), message);
  });
}

wireCase({
  schema: PutRequestSchema,
  message: { key: bytes("foo"), value: bytes("bar") },
  wire: "0a03666f6f1203626172",
  why: "key is field 1, value field 2, and defaults are absent",
});
wireCase({
  schema: RangeRequestSchema,
  message: {
    key: bytes("a"),
    rangeEnd: Uint8Array.of(0),
    limit: 300n,
    sortOrder: RangeRequest_SortOrder.DESCEND,
    serializable: true,
    maxCreateRevision: 1n,
  },
  wire: "0a0161" + "120100" + "18ac02" + "2802" + "3801" + "6801",
  why: "numbers, enums and flags are varints",
});
wireCase({
  schema: LeaseGrantRequestSchema,
  message: { TTL: 10n, ID: -1n },
  wire: "080a" + "10ffffffffffffffffff01",
  why: "a negative id takes ten bytes",
});
wireCase({
  schema: TxnRequestSchema,
  message: {
    compare: [{
      result: Compare_CompareResult.NOT_EQUAL,
      target: Compare_CompareTarget.LEASE,
      key: bytes("k"),
      targetUnion: { case: "lease", value: 0n },
      rangeEnd: bytes("l"),
    }],
    success: [{ request: { case: "requestDeleteRange", value: { key: bytes("k") } } }],
  },
  wire: "0a0d" + "0803" + "1004" + "1a016b" + "4000" + "8204016c" + "1205" + "1a03" + "0a016b",
  why: "an operand of 0 is present, and the end of a compare's range is field 64",
});
wireCase({
  schema: WatchResponseSchema,
  message: { watchId: 1n, events: [{ type: Event_EventType.DELETE, kv: { modRevision: 5n } }] },
  wire: "1001" + "5a06" + "0801" + "12021805",
  why: "events are field 11",
});
wireCase({
  schema: StatusResponseSchema,
  message: { version: "3.6.0", downgradeInfo: {} },
  wire: "1205332e362e30" + "6a00",
  why: "an empty message that is set takes two bytes",
});

test("RangeResponse in JSON has etcd's names, 64-bit numbers as strings, no defaults", (t) => {
  const response = create(RangeResponseSchema, {
    header: { clusterId: 14841639068965178418n, revision: 6n, raftTerm: 2n },
    kvs: [{ key: bytes("foo"), createRevision: 6n, modRevision: 6n, version: 1n }],
    count: 1n,
  });
  const json = {
    header: { cluster_id: "14841639068965178418", revision: "6", raft_term: "2" },
    kvs: [{ key: "Zm9v", create_revision: "6", mod_revision: "6", version: "1" }],
    count: "1",
  };
  t.deepEqual(toJson(RangeResponseSchema, response, { useProtoFieldName: true }), json);
  t.deepEqual(fromJson(RangeResponseSchema, json), response);
});

test("LeaseGrantRequest in JSON keeps the capitals of ID and TTL", (t) => {
  const request = create(LeaseGrantRequestSchema, { TTL: 10n, ID: 7n });
  t.deepEqual(toJson(LeaseGrantRequestSchema, request, { useProtoFieldName: true }), {
    TTL: "10",
    ID: "7",
  });
  t.deepEqual(fromJson(LeaseGrantRequestSchema, { TTL: 10, ID: "7" }), request);
});

test("Permission in JSON names its enum and keeps permType as spelled", (t) => {
  const permission = create(PermissionSchema, {
    permType: Permission_Type.READWRITE,
    key: bytes("a"),
    rangeEnd: bytes("b"),
  });
  t.deepEqual(toJson(PermissionSchema, permission, { useProtoFieldName: true }), {
    permType: "READWRITE",
    key: "YQ==",
    range_end: "Yg==",
  });
});
