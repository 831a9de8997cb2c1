import { create, toBinary } from "@bufbuild/protobuf";
import {
  AlarmRequest_AlarmAction,
  AlarmRequestSchema,
  AlarmResponseSchema,
  DefragmentRequestSchema,
  DefragmentResponseSchema,
  DowngradeInfoSchema,
  StatusRequestSchema,
  StatusResponseSchema,
} from "../../proto/mod.ts";
import type { RaftNode } from "../../raft/mod.ts";
import type { Backend } from "../../storage/mod.ts";
import { GrpcCode, RpcError } from "../errors.ts";
import type { RpcTable } from "../rpc.ts";
import type { ApplyResult } from "../state/apply_result.ts";
import { unsignedId } from "../state/integers.ts";
import type { ReplicatedState } from "../state/replicated_state.ts";
import { ETCD_CLUSTER_VERSION, ETCD_VERSION } from "../version.ts";
import { decodeRequest } from "./decode_request.ts";
import type { ResponseHeaders } from "./response_header.ts";

/** What the service works on. */
export interface MaintenanceServiceOptions {
  readonly node: RaftNode<ApplyResult>;
  readonly state: ReplicatedState;
  readonly backend: Backend;
  readonly headers: ResponseHeaders;
}

/**
 * etcd's `Maintenance` service, as far as it goes: Status, Defragment, and Alarm
 * for those who ask whether there are any, as `etcdctl endpoint health` does
 * from 3.5 on.
 */
export function maintenanceService(options: MaintenanceServiceOptions): RpcTable {
  return new Map([
    ["/etcdserverpb.Maintenance/Status", (request) => Promise.resolve(status(options, request))],
    ["/etcdserverpb.Maintenance/Alarm", (request) => Promise.resolve(alarm(options, request))],
    ["/etcdserverpb.Maintenance/Defragment", (request) => Promise.resolve(defragment(request))],
  ]);
}

/**
 * Done as soon as it is asked for: the backend uses freed pages again by itself,
 * and a member that serves has nothing to gain from holding everything up to
 * write its file anew. The start can do that. As in etcd, without a header.
 */
function defragment(bytes: Uint8Array): Uint8Array {
  decodeRequest(DefragmentRequestSchema, bytes);
  return toBinary(DefragmentResponseSchema, create(DefragmentResponseSchema, {}));
}

/** There are no alarms yet, so none is listed or ended, and none can be raised. */
function alarm({ headers, state }: MaintenanceServiceOptions, bytes: Uint8Array): Uint8Array {
  const { action } = decodeRequest(AlarmRequestSchema, bytes);
  if (action === AlarmRequest_AlarmAction.ACTIVATE) {
    throw new RpcError(GrpcCode.unimplemented, "alarms cannot be raised: this member has none yet");
  }
  const header = headers.header(state.store.currentRevision);
  return toBinary(AlarmResponseSchema, create(AlarmResponseSchema, { header }));
}

function status(options: MaintenanceServiceOptions, bytes: Uint8Array): Uint8Array {
  decodeRequest(StatusRequestSchema, bytes);
  const { term, leader, committedIndex, appliedIndex } = options.node.status();
  const { totalBytes, inUseBytes } = options.backend.size();
  return toBinary(
    StatusResponseSchema,
    create(StatusResponseSchema, {
      header: options.headers.header(options.state.store.currentRevision),
      version: ETCD_VERSION,
      dbSize: BigInt(totalBytes),
      leader: leader === null ? 0n : unsignedId(leader),
      raftIndex: BigInt(committedIndex),
      raftTerm: BigInt(term),
      raftAppliedIndex: BigInt(appliedIndex),
      errors: leader === null ? ["etcdserver: no leader"] : [],
      dbSizeInUse: BigInt(inUseBytes),
      isLearner: false,
      storageVersion: ETCD_CLUSTER_VERSION,
      downgradeInfo: create(DowngradeInfoSchema, {}),
    }),
  );
}
