/**
 * One request of a client: encoded message in, encoded message out.
 *
 * Fronts (gRPC, JSON) know methods by their names and pass bytes, so that they
 * can live in another thread than the member.
 *
 * @throws {RpcError} or an error that `toRpcError` knows how to tell.
 */
export type UnaryRpc = (request: Uint8Array) => Promise<Uint8Array>;

/** All methods that the server answers, by full name: `/etcdserverpb.KV/Put`. */
export type RpcTable = ReadonlyMap<string, UnaryRpc>;
