import {
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { Cluster, KV, Maintenance } from "../../proto/mod.ts";
import { GrpcCode, RpcError, toRpcError } from "../errors.ts";
import { answerUnaryCall } from "../grpc/unary_call.ts";
import { MESSAGE_BYTES_MAX } from "../grpc/grpc_stream.ts";
import type { RpcTable } from "../rpc.ts";
import { type HttpRequest, type HttpResponse, jsonResponse } from "./http_message.ts";
import { messageFromJson } from "./proto_json.ts";

/** Paths below `/v3/` and what they call, as etcd's gateway has them. */
const ROUTES: ReadonlyMap<string, DescMethodUnary> = new Map<string, DescMethodUnary>([
  ["/v3/kv/range", KV.method.range],
  ["/v3/kv/put", KV.method.put],
  ["/v3/kv/deleterange", KV.method.deleteRange],
  ["/v3/kv/compaction", KV.method.compact],
  ["/v3/cluster/member/list", Cluster.method.memberList],
  ["/v3/maintenance/status", Maintenance.method.status],
  ["/v3/maintenance/alarm", Maintenance.method.alarm],
  ["/v3/maintenance/defragment", Maintenance.method.defragment],
]);

/**
 * Answers a request to a path below `/v3/`: the JSON form of the call that the
 * path stands for (etcd: grpc-gateway, with the error bodies of 3.6).
 */
export async function answerJson(rpcs: RpcTable, request: HttpRequest): Promise<HttpResponse> {
  const method = ROUTES.get(request.path);
  if (method === undefined) {
    return errorResponse(new RpcError(GrpcCode.notFound, "Not Found"));
  }
  if (request.method !== "POST") {
    return errorResponse(new RpcError(GrpcCode.unimplemented, "Method Not Allowed"));
  }
  try {
    const message = encodeBody(method.input, request.body);
    const path = `/${method.parent.typeName}/${method.name}`;
    const answer = fromBinary(method.output, await answerUnaryCall(rpcs, path, message));
    return jsonResponse(200, toJson(method.output, answer, { useProtoFieldName: true }));
  } catch (error) {
    return errorResponse(toRpcError(error));
  }
}

/** The encoded message that a body of JSON stands for; an empty body is an empty message. */
function encodeBody(schema: DescMessage, body: Uint8Array): Uint8Array {
  const message = toBinary(schema, decodeBody(schema, body));
  if (message.length > MESSAGE_BYTES_MAX) {
    throw new RpcError(
      GrpcCode.resourceExhausted,
      `grpc: received message larger than max (${message.length} vs. ${MESSAGE_BYTES_MAX})`,
    );
  }
  return message;
}

function decodeBody(schema: DescMessage, body: Uint8Array): MessageShape<DescMessage> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return messageFromJson(schema, text.trim() === "" ? "{}" : text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RpcError(GrpcCode.invalidArgument, reason, { cause: error });
  }
}

function errorResponse({ code, message }: RpcError): HttpResponse {
  return jsonResponse(HTTP_STATUS[code], { code, message });
}

/** What each gRPC code is in HTTP (etcd: grpc-gateway/v2). */
const HTTP_STATUS: Readonly<Record<GrpcCode, number>> = {
  [GrpcCode.ok]: 200,
  [GrpcCode.canceled]: 499,
  [GrpcCode.unknown]: 500,
  [GrpcCode.invalidArgument]: 400,
  [GrpcCode.deadlineExceeded]: 504,
  [GrpcCode.notFound]: 404,
  [GrpcCode.alreadyExists]: 409,
  [GrpcCode.permissionDenied]: 403,
  [GrpcCode.resourceExhausted]: 429,
  [GrpcCode.failedPrecondition]: 400,
  [GrpcCode.aborted]: 409,
  [GrpcCode.outOfRange]: 400,
  [GrpcCode.unimplemented]: 501,
  [GrpcCode.internal]: 500,
  [GrpcCode.unavailable]: 503,
  [GrpcCode.dataLoss]: 500,
  [GrpcCode.unauthenticated]: 401,
};
