import { GrpcCode, RpcError, toRpcError } from "../errors.ts";
import type { RpcTable } from "../rpc.ts";

/**
 * Answers one unary call.
 *
 * @throws {RpcError} whatever went wrong; nothing else.
 */
export async function answerUnaryCall(
  rpcs: RpcTable,
  path: string,
  request: Uint8Array,
): Promise<Uint8Array> {
  const rpc = rpcs.get(path);
  if (rpc === undefined) {
    throw unknownMethod(rpcs, path);
  }
  try {
    return await rpc(request);
  } catch (error) {
    throw toRpcError(error);
  }
}

/** gRPC's answer to a path that nobody serves. */
function unknownMethod(rpcs: RpcTable, path: string): RpcError {
  const slash = path.lastIndexOf("/");
  if (!path.startsWith("/") || slash <= 0) {
    return new RpcError(GrpcCode.unimplemented, `malformed method name: ${JSON.stringify(path)}`);
  }
  const service = path.slice(1, slash);
  const isKnown = [...rpcs.keys()].some((known) => known.startsWith(`/${service}/`));
  return new RpcError(
    GrpcCode.unimplemented,
    isKnown
      ? `unknown method ${path.slice(slash + 1)} for service ${service}`
      : `unknown service ${service}`,
  );
}
