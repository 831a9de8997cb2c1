import { create, toBinary } from "@bufbuild/protobuf";
import { RangeRequestSchema } from "../../proto/mod.ts";
import { toRpcError } from "../errors.ts";
import type { RpcTable } from "../rpc.ts";
import { ETCD_CLUSTER_VERSION, ETCD_VERSION, KVORUM_VERSION } from "../version.ts";
import { answerJson } from "./json_gateway.ts";
import {
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  jsonResponse,
  textResponse,
} from "./http_message.ts";

/** What the endpoints need to know. */
export interface HttpRoutesOptions {
  readonly rpcs: RpcTable;
  /** Whether a leader is known. */
  readonly hasLeader: () => boolean;
}

/** Everything that the client port answers over plain HTTP. */
export function httpRoutes(options: HttpRoutesOptions): HttpHandler {
  return (request) => {
    // etcd keeps this older prefix alive.
    const path = request.path.replace(/^\/v3beta\//, "/v3/");
    if (path.startsWith("/v3/")) {
      return answerJson(options.rpcs, { ...request, path });
    }
    switch (path) {
      case "/version":
        return getOnly(request, () => Promise.resolve(version()));
      case "/health":
        return getOnly(request, () => health(options, request));
      default:
        return Promise.resolve(textResponse(404, "404 page not found"));
    }
  };
}

function getOnly(request: HttpRequest, answer: () => Promise<HttpResponse>): Promise<HttpResponse> {
  return request.method === "GET"
    ? answer()
    : Promise.resolve(textResponse(405, "Method Not Allowed", { allow: "GET" }));
}

function version(): HttpResponse {
  return jsonResponse(200, {
    etcdserver: ETCD_VERSION,
    etcdcluster: ETCD_CLUSTER_VERSION,
    storage: ETCD_CLUSTER_VERSION,
    kvorum: KVORUM_VERSION,
  });
}

/**
 * Whether the member can serve: it has a leader, and a read of one key comes
 * back. `serializable=true` asks about this member alone.
 */
async function health(options: HttpRoutesOptions, request: HttpRequest): Promise<HttpResponse> {
  const serializable = request.query.get("serializable") === "true";
  if (!serializable && !options.hasLeader()) {
    return unhealthy("RAFT NO LEADER");
  }
  const read = create(RangeRequestSchema, { key: Uint8Array.of(0), limit: 1n, serializable });
  try {
    await options.rpcs.get("/etcdserverpb.KV/Range")?.(toBinary(RangeRequestSchema, read));
  } catch (error) {
    return unhealthy(`RANGE ERROR:${toRpcError(error).message}`);
  }
  return jsonResponse(200, { health: "true", reason: "" });
}

function unhealthy(reason: string): HttpResponse {
  return jsonResponse(503, { health: "false", reason });
}
