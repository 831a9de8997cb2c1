/**
 * The messages and services of the etcd v3 API, and of gRPC's health checks.
 *
 * The definitions are the `.proto` files beside this one; the code in `gen/` is
 * made from them. A message is plain data; its schema, named after it, encodes
 * and decodes it with `@bufbuild/protobuf`. A service describes its methods,
 * for a client or a server to build on; neither is here.
 *
 * ```ts
 * import { create, toBinary } from "@bufbuild/protobuf";
 * import { PutRequestSchema } from "kvorum/proto";
 *
 * const encoder = new TextEncoder();
 * const request = create(PutRequestSchema, {
 *   key: encoder.encode("foo"),
 *   value: encoder.encode("bar"),
 * });
 * console.log(toBinary(PutRequestSchema, request).length); // 10
 * ```
 *
 * All names of a generated file are public, so files are listed here, not names.
 *
 * @module
 */
export * from "./gen/authpb/auth_pb.ts";
export * from "./gen/etcdserverpb/auth_pb.ts";
export * from "./gen/etcdserverpb/cluster_pb.ts";
export * from "./gen/etcdserverpb/header_pb.ts";
export * from "./gen/etcdserverpb/kv_pb.ts";
export * from "./gen/etcdserverpb/lease_pb.ts";
export * from "./gen/etcdserverpb/maintenance_pb.ts";
export * from "./gen/etcdserverpb/watch_pb.ts";
export * from "./gen/grpc/health/v1/health_pb.ts";
export * from "./gen/mvccpb/kv_pb.ts";
export * from "./gen/v3electionpb/election_pb.ts";
export * from "./gen/v3lockpb/lock_pb.ts";
// `Lease` is the service's name already.
export {
  file_leasepb_lease,
  type Lease as StoredLease,
  LeaseSchema as StoredLeaseSchema,
} from "./gen/leasepb/lease_pb.ts";
