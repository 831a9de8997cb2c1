import { create, toBinary } from "@bufbuild/protobuf";
import { MemberSchema } from "../proto/mod.ts";
import { type Clock, type LogStore, RaftNode, systemClock } from "../raft/mod.ts";
import type { Backend } from "../storage/mod.ts";
import { NodeFileSystem } from "../storage/files/mod.ts";
import { WalLogStore, type WalRepair } from "../storage/wal/mod.ts";
import { ClientPort } from "./client_port.ts";
import { Closers } from "./closers.ts";
import {
  DEFAULT_CLUSTER_TOKEN,
  DEFAULT_PEER_URL,
  parseListenUrl,
  type ServerConfig,
} from "./config/server_config.ts";
import { type Defragmentation, openBackendFile } from "./data/backend_file.ts";
import { type BackendProgress, MISFIT_REMEDY, misfitOf } from "./data/backend_fit.ts";
import { type DataDirectory, openDataDirectory } from "./data/data_directory.ts";
import { guardDirectory } from "./data/directory_guard.ts";
import { DataDirectoryError } from "./data/errors.ts";
import { ListenError } from "./listen_error.ts";
import { httpRoutes } from "./http/http_routes.ts";
import { KvStateMachine } from "./kv_state_machine.ts";
import { Proposer } from "./proposer.ts";
import { readRestoredIndex } from "./restored_position.ts";
import type { RpcTable } from "./rpc.ts";
import { clusterService } from "./services/cluster_service.ts";
import { kvService } from "./services/kv_service.ts";
import { maintenanceService } from "./services/maintenance_service.ts";
import { ResponseHeaders } from "./services/response_header.ts";
import type { ApplyResult } from "./state/apply_result.ts";
import { unsignedId } from "./state/integers.ts";
import { ReplicatedState } from "./state/replicated_state.ts";
import { MEMBER_BUCKETS, StateSlots } from "./state_slots.ts";

/** What a member is made from, beside its configuration. */
export interface MemberOptions {
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Whether gRPC is served. Default: true. */
  readonly grpc?: boolean;
  /** Told when the end of the log was damaged by a crash and cut. */
  readonly onRepair?: (repair: WalRepair) => void;
  /** Told when the backend was to be defragmented at the start. */
  readonly onDefragmented?: (outcome: Defragmentation) => void;
}

/** A running member: the composition of Kvorum's modules that does what etcd does. */
export class Member implements AsyncDisposable {
  /** Absolute path of the data directory. */
  readonly dataDirectory: string;
  /** Ports that clients are served on, in the order of the configured URLs. */
  readonly clientPorts: readonly number[];
  /** Rejects when the member can no longer take part: its disk failed, or it found a bug. */
  readonly failed: Promise<never>;
  readonly #closers: Closers;

  /**
   * Opens the data directory, takes part in the cluster, and serves clients.
   *
   * @throws {DataDirectoryError} if the directory cannot be used, or the backend
   * and the log in it do not fit together.
   * @throws {BackendDamagedError} if the backend's file does not check.
   * @throws {BackendMissingError} if there is a log and no backend.
   * @throws {ListenError} if a port cannot be listened on.
   */
  static async start(config: ServerConfig, options: MemberOptions = {}): Promise<Member> {
    const closers = new Closers();
    try {
      const opened = await openParts(config, options, closers);
      await publish(opened, config);
      const clientPorts = await serve(opened, config, options, closers);
      return new Member(opened, clientPorts, closers);
    } catch (error) {
      await closers.close();
      throw error;
    }
  }

  private constructor(
    { directory, failed }: Parts,
    clientPorts: readonly number[],
    closers: Closers,
  ) {
    this.dataDirectory = directory.path;
    this.clientPorts = clientPorts;
    this.failed = failed;
    this.#closers = closers;
  }

  /** Answers the requests that have come in, takes no more, and closes everything. */
  stop(): Promise<void> {
    return this.#closers.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** What a member consists of while it runs. */
interface Parts {
  readonly directory: DataDirectory;
  readonly backend: Backend;
  readonly state: ReplicatedState;
  readonly stateMachine: KvStateMachine;
  readonly node: RaftNode<ApplyResult>;
  readonly proposer: Proposer;
  readonly failed: Promise<never>;
}

/** Opens what the member keeps and starts its part in the cluster. */
async function openParts(
  config: ServerConfig,
  { clock = systemClock(), onRepair = () => {}, onDefragmented = () => {} }: MemberOptions,
  closers: Closers,
): Promise<Parts> {
  const failure = Promise.withResolvers<never>();
  // Whoever is interested listens to it as well.
  failure.promise.catch(() => {});
  const fileSystem = new NodeFileSystem();
  const directory = await openDataDirectory(fileSystem, config.dataDirectory, {
    peerUrls: [DEFAULT_PEER_URL],
    clusterToken: DEFAULT_CLUSTER_TOKEN,
  });
  closers.add(() => directory.release());
  const backend = await openBackendFile(fileSystem, directory, {
    buckets: MEMBER_BUCKETS,
    defragThresholdMegabytes: config.bootstrapDefragThresholdMegabytes ?? 0,
    onDefragmented,
    onFailure: failure.reject,
  });
  closers.add(() => backend.close());
  const { clusterId, memberId } = directory.identity;
  const logStore = new WalLogStore({
    fileSystem,
    directory: directory.walPath,
    identity: `${clusterId}/${memberId}`,
    onRepair,
  });
  closers.add(() => logStore.close());
  const slots = new StateSlots(backend);
  const state = new ReplicatedState(slots.current);
  const stateMachine = new KvStateMachine({ state, slots, clock, onFailure: failure.reject });
  closers.add(() => stateMachine.close());
  const node = await RaftNode.start<ApplyResult>({
    id: memberId,
    initialVoters: directory.identity.foundingVoters,
    logStore: fitting(
      logStore,
      { ...state.position, restoredIndex: readRestoredIndex(backend) },
      directory,
    ),
    stateMachine,
    clock,
  });
  closers.add(() => node.stop());
  node.stopped.catch(failure.reject);
  closers.add(guardDirectory({ fileSystem, directory, clock, onLost: failure.reject }));
  const proposer = new Proposer({ node, state, clock, firstRequestId: firstRequestId() });
  closers.add(() => proposer.close());
  await node.whenLeaderKnown();
  return { directory, backend, state, stateMachine, node, proposer, failed: failure.promise };
}

/** A log store that is not opened if the backend has not got to where it can be. */
function fitting(
  logStore: LogStore,
  backend: BackendProgress,
  { path, identity }: DataDirectory,
): LogStore {
  return {
    async open() {
      const log = await logStore.open();
      const misfit = misfitOf(backend, log);
      if (misfit !== null) {
        throw new DataDirectoryError(
          path,
          `of member ${identity.memberId} does not fit together: ${misfit}. ${MISFIT_REMEDY}`,
        );
      }
      return log;
    },
    entries: (range) => logStore.entries(range),
    append: (batch) => logStore.append(batch),
    compact: (marker) => logStore.compact(marker),
    close: () => logStore.close(),
  };
}

/** Tells the cluster this member's name and client URLs, if it does not know them. */
async function publish(
  { directory, node, state, proposer }: Parts,
  config: ServerConfig,
): Promise<void> {
  // What the log still holds is applied before it is compared with, however long it takes.
  await node.readBarrier();
  const { memberId, peerUrls } = directory.identity;
  const wanted = {
    id: memberId,
    name: config.name,
    peerUrls,
    clientUrls: config.advertiseClientUrls,
  };
  const known = state.members.find(({ id }) => id === memberId);
  if (JSON.stringify(known) === JSON.stringify(wanted)) {
    return;
  }
  const message = create(MemberSchema, {
    ID: unsignedId(memberId),
    name: config.name,
    peerURLs: [...peerUrls],
    clientURLs: [...config.advertiseClientUrls],
  });
  await proposer.propose("memberPublish", toBinary(MemberSchema, message));
}

/** Opens the client port. Resolves with the ports that it got. */
async function serve(
  { directory, backend, state, stateMachine, node, proposer }: Parts,
  config: ServerConfig,
  { grpc = true }: MemberOptions,
  closers: Closers,
): Promise<number[]> {
  const headers = new ResponseHeaders(directory.identity, () => node.term);
  const rpcs: RpcTable = new Map([
    ...kvService({ proposer, state, stateMachine, headers }),
    ...clusterService({ proposer, state, headers }),
    ...maintenanceService({ node, state, backend, headers }),
  ]);
  const http = httpRoutes({ rpcs, hasLeader: () => node.status().leader !== null });
  const port = new ClientPort({ rpcs, http, grpc });
  closers.add(() => port.close());
  const ports: number[] = [];
  for (const url of config.listenClientUrls) {
    ports.push(await listen(port, url));
  }
  return ports;
}

async function listen(port: ClientPort, url: string): Promise<number> {
  try {
    return await port.listen(parseListenUrl("listen-client-urls", url));
  } catch (error) {
    throw new ListenError(url, error);
  }
}

/** Ids of two lives of a member should not meet: a random start, with room for 2^32 requests. */
function firstRequestId(): number {
  return Math.floor(Math.random() * 2 ** 20) * 2 ** 32;
}
