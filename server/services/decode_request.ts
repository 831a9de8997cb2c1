import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { GrpcCode, RpcError } from "../errors.ts";

/**
 * Decodes a request.
 *
 * @throws {RpcError} with gRPC's own answer to bytes that are not the message.
 */
export function decodeRequest<Schema extends DescMessage>(
  schema: Schema,
  bytes: Uint8Array,
): MessageShape<Schema> {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RpcError(
      GrpcCode.internal,
      `grpc: error unmarshalling request: ${schema.name}: ${reason}`,
      { cause: error },
    );
  }
}
