import type { DescService } from "@bufbuild/protobuf";
import test from "ava";
import { Auth, Cluster, Election, Health, KV, Lease, Lock, Maintenance, Watch } from "kvorum/proto";

// `-> stream` answers with a stream, `stream -> stream` is one in both directions.
const SERVICES: readonly (readonly [DescService, string, readonly string[]])[] = [
  [KV, "etcdserverpb.KV", [
    "Range",
    "RangeStream -> stream",
    "Put",
    "DeleteRange",
    "Txn",
    "Compact",
  ]],
  [Watch, "etcdserverpb.Watch", ["Watch stream -> stream"]],
  [Lease, "etcdserverpb.Lease", [
    "LeaseGrant",
    "LeaseRevoke",
    "LeaseKeepAlive stream -> stream",
    "LeaseTimeToLive",
    "LeaseLeases",
  ]],
  [Cluster, "etcdserverpb.Cluster", [
    "MemberAdd",
    "MemberRemove",
    "MemberUpdate",
    "MemberList",
    "MemberPromote",
  ]],
  [Maintenance, "etcdserverpb.Maintenance", [
    "Alarm",
    "Status",
    "Defragment",
    "Hash",
    "HashKV",
    "Snapshot -> stream",
    "MoveLeader",
    "Downgrade",
  ]],
  [Auth, "etcdserverpb.Auth", [
    "AuthEnable",
    "AuthDisable",
    "AuthStatus",
    "Authenticate",
    "UserAdd",
    "UserGet",
    "UserList",
    "UserDelete",
    "UserChangePassword",
    "UserGrantRole",
    "UserRevokeRole",
    "RoleAdd",
    "RoleGet",
    "RoleList",
    "RoleDelete",
    "RoleGrantPermission",
    "RoleRevokePermission",
  ]],
  [Lock, "v3lockpb.Lock", ["Lock", "Unlock"]],
  [Election, "v3electionpb.Election", [
    "Campaign",
    "Proclaim",
    "Leader",
    "Observe -> stream",
    "Resign",
  ]],
  [Health, "grpc.health.v1.Health", ["Check", "Watch -> stream", "List"]],
];

const KINDS = {
  unary: "",
  server_streaming: " -> stream",
  client_streaming: " stream ->",
  bidi_streaming: " stream -> stream",
} as const;

for (const [service, typeName, methods] of SERVICES) {
  test(`${typeName} has all methods of etcd's API`, (t) => {
    t.is(service.typeName, typeName);
    t.deepEqual(
      service.methods.map(({ name, methodKind }) => name + KINDS[methodKind]),
      [...methods],
    );
  });
}
