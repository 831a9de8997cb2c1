import { create, toBinary } from "@bufbuild/protobuf";
import type { KeyValue } from "../../mvcc/mod.ts";
import {
  CompactionRequestSchema,
  CompactionResponseSchema,
  DeleteRangeRequestSchema,
  DeleteRangeResponseSchema,
  type KeyValue as KeyValueMessage,
  KeyValueSchema,
  PutRequestSchema,
  PutResponseSchema,
  type RangeRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  RangeRequestSchema,
  RangeResponseSchema,
} from "../../proto/mod.ts";
import { invariant } from "../../raft/mod.ts";
import { etcdError } from "../errors.ts";
import type { KvStateMachine } from "../kv_state_machine.ts";
import type { Proposer } from "../proposer.ts";
import type { RpcTable } from "../rpc.ts";
import { safeNumber } from "../state/integers.ts";
import type { ReplicatedState } from "../state/replicated_state.ts";
import { decodeRequest } from "./decode_request.ts";
import type { ResponseHeaders } from "./response_header.ts";

/** What the service works on. */
export interface KvServiceOptions {
  readonly proposer: Proposer;
  readonly state: ReplicatedState;
  readonly stateMachine: KvStateMachine;
  readonly headers: ResponseHeaders;
}

/** etcd's `KV` service, as far as it goes: Range, Put, DeleteRange and Compact. */
export function kvService(options: KvServiceOptions): RpcTable {
  return new Map([
    ["/etcdserverpb.KV/Range", (request) => range(options, request)],
    ["/etcdserverpb.KV/Put", (request) => put(options, request)],
    ["/etcdserverpb.KV/DeleteRange", (request) => deleteRange(options, request)],
    ["/etcdserverpb.KV/Compact", (request) => compact(options, request)],
  ]);
}

async function range(options: KvServiceOptions, bytes: Uint8Array): Promise<Uint8Array> {
  const request = decodeRequest(RangeRequestSchema, bytes);
  const query = toRangeQuery(request);
  if (!request.serializable) {
    await options.proposer.readBarrier();
  }
  const { kvs, more, count } = options.state.store.range(query);
  return toBinary(
    RangeResponseSchema,
    create(RangeResponseSchema, {
      header: options.headers.header(options.state.store.currentRevision),
      kvs: kvs.map(toMessage),
      more,
      count: BigInt(count),
    }),
  );
}

async function put(options: KvServiceOptions, bytes: Uint8Array): Promise<Uint8Array> {
  const { key, value, lease, ignoreValue, ignoreLease } = decodeRequest(PutRequestSchema, bytes);
  requireKey(key);
  if (ignoreValue && value.length > 0) {
    throw etcdError("VALUE_PROVIDED");
  }
  if (ignoreLease && lease !== 0n) {
    throw etcdError("LEASE_PROVIDED");
  }
  const result = await options.proposer.propose("put", bytes);
  invariant(result.type === "put", "a put is answered as one", result.type);
  const header = options.headers.header(result.revision);
  return toBinary(
    PutResponseSchema,
    create(
      PutResponseSchema,
      result.previous === null ? { header } : { header, prevKv: toMessage(result.previous) },
    ),
  );
}

async function deleteRange(options: KvServiceOptions, bytes: Uint8Array): Promise<Uint8Array> {
  requireKey(decodeRequest(DeleteRangeRequestSchema, bytes).key);
  const result = await options.proposer.propose("deleteRange", bytes);
  invariant(result.type === "deleteRange", "a delete is answered as one", result.type);
  return toBinary(
    DeleteRangeResponseSchema,
    create(DeleteRangeResponseSchema, {
      header: options.headers.header(result.revision),
      deleted: BigInt(result.deleted),
      prevKvs: result.previous.map(toMessage),
    }),
  );
}

async function compact(options: KvServiceOptions, bytes: Uint8Array): Promise<Uint8Array> {
  const { physical } = decodeRequest(CompactionRequestSchema, bytes);
  const result = await options.proposer.propose("compaction", bytes);
  invariant(result.type === "compaction", "a compaction is answered as one", result.type);
  if (physical) {
    await options.stateMachine.compactionsFinished();
  }
  const header = options.headers.header(result.revision);
  return toBinary(CompactionResponseSchema, create(CompactionResponseSchema, { header }));
}

function requireKey(key: Uint8Array): void {
  if (key.length === 0) {
    throw etcdError("KEY_EMPTY");
  }
}

type RangeQuery = Parameters<ReplicatedState["store"]["range"]>[0];

function toRangeQuery(request: RangeRequest): RangeQuery {
  requireKey(request.key);
  const sortOrder = SORT_ORDERS[request.sortOrder];
  const sortTarget = SORT_TARGETS[request.sortTarget];
  if (sortOrder === undefined || sortTarget === undefined) {
    throw etcdError("SORT_OPTION_INVALID");
  }
  return {
    key: request.key,
    rangeEnd: request.rangeEnd,
    revision: safeNumber(request.revision),
    limit: safeNumber(request.limit),
    sortOrder,
    sortTarget,
    keysOnly: request.keysOnly,
    countOnly: request.countOnly,
    minModRevision: safeNumber(request.minModRevision),
    maxModRevision: safeNumber(request.maxModRevision),
    minCreateRevision: safeNumber(request.minCreateRevision),
    maxCreateRevision: safeNumber(request.maxCreateRevision),
  };
}

const SORT_ORDERS: { readonly [order: number]: RangeQuery["sortOrder"] } = {
  [RangeRequest_SortOrder.NONE]: "none",
  [RangeRequest_SortOrder.ASCEND]: "ascend",
  [RangeRequest_SortOrder.DESCEND]: "descend",
};

const SORT_TARGETS: { readonly [target: number]: RangeQuery["sortTarget"] } = {
  [RangeRequest_SortTarget.KEY]: "key",
  [RangeRequest_SortTarget.VERSION]: "version",
  [RangeRequest_SortTarget.CREATE]: "create",
  [RangeRequest_SortTarget.MOD]: "mod",
  [RangeRequest_SortTarget.VALUE]: "value",
};

function toMessage(kv: KeyValue): KeyValueMessage {
  return create(KeyValueSchema, {
    key: kv.key,
    createRevision: BigInt(kv.createRevision),
    modRevision: BigInt(kv.modRevision),
    version: BigInt(kv.version),
    value: kv.value,
    lease: kv.lease === "" ? 0n : BigInt.asIntN(64, BigInt(`0x${kv.lease}`)),
  });
}
