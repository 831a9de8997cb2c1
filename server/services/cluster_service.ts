import { create, toBinary } from "@bufbuild/protobuf";
import {
  MemberListRequestSchema,
  MemberListResponseSchema,
  MemberSchema,
} from "../../proto/mod.ts";
import type { Proposer } from "../proposer.ts";
import type { RpcTable } from "../rpc.ts";
import { unsignedId } from "../state/integers.ts";
import type { ReplicatedState } from "../state/replicated_state.ts";
import { decodeRequest } from "./decode_request.ts";
import type { ResponseHeaders } from "./response_header.ts";

/** What the service works on. */
export interface ClusterServiceOptions {
  readonly proposer: Proposer;
  readonly state: ReplicatedState;
  readonly headers: ResponseHeaders;
}

/** etcd's `Cluster` service, as far as it goes: MemberList. */
export function clusterService(options: ClusterServiceOptions): RpcTable {
  return new Map([
    ["/etcdserverpb.Cluster/MemberList", (request) => memberList(options, request)],
  ]);
}

async function memberList(options: ClusterServiceOptions, bytes: Uint8Array): Promise<Uint8Array> {
  const { linearizable } = decodeRequest(MemberListRequestSchema, bytes);
  if (linearizable) {
    await options.proposer.readBarrier();
  }
  const members = options.state.members.map(({ id, name, peerUrls, clientUrls }) =>
    create(MemberSchema, {
      ID: unsignedId(id),
      name,
      peerURLs: [...peerUrls],
      clientURLs: [...clientUrls],
    })
  );
  const header = options.headers.header();
  return toBinary(MemberListResponseSchema, create(MemberListResponseSchema, { header, members }));
}
