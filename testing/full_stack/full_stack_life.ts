import { type NodeId, RaftNode } from "../../raft/mod.ts";
import { WalLogStore } from "../../storage/wal/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { DirectoryTree } from "../simulated_file_system/directory_tree.ts";
import type { FileCall } from "../simulated_file_system/file_call.ts";
import { SimulatedFileSystem } from "../simulated_file_system/simulated_file_system.ts";
import { TICK_US } from "../simulation/swarm.ts";
import type { Application, SimulatedMachine } from "./application.ts";
import { FailingDisk } from "./failing_disk.ts";
import type { FullStackWorld } from "./full_stack_world.ts";
import { GatedTransport, type MessageListener } from "./gated_transport.ts";
import { type LogListener, ObservedLogStore } from "./observed_log_store.ts";
import { type MachineListener, ObservedMachine } from "./observed_machine.ts";
import { ProcessClock } from "./process_clock.ts";
import { ProcessGate } from "./process_gate.ts";

/** Where on a member's disk its log is. */
export const LOG_DIRECTORY = "wal";

/** The member of a group, as its clients see it. */
export type Node = RaftNode<unknown>;

/** One life of a member, from a start to a crash. */
export interface Life<Machine> {
  readonly gate: ProcessGate;
  readonly clock: ProcessClock;
  readonly fileSystem: SimulatedFileSystem;
  /** What goes wrong with it. */
  readonly failingDisk: FailingDisk;
  readonly machine: Machine;
  readonly transport: GatedTransport;
  readonly logStore: ObservedLogStore;
  /** `null` until it has started. */
  node: Node | null;
}

/** Who is told of the calls of a member's disk, as `SimulatedFileSystemOptions` has it. */
export interface DiskListener {
  onCall(call: FileCall, path: string): void;
  onFailed(call: FileCall, path: string, error: unknown): void;
  onLost(call: FileCall): void;
}

/** What a life is made from. */
export interface LifeOptions<Machine extends SimulatedMachine> {
  readonly application: Application<Machine>;
  readonly id: NodeId;
  /** How fast its clock runs. */
  readonly rate: number;
  readonly random: SeededRandom;
  /** What the disk holds; nothing yet by default. */
  readonly tree: DirectoryTree | undefined;
  /** Who is told of what the node asks of its log store and its transport. */
  readonly listeners: {
    readonly log: LogListener;
    readonly messages: MessageListener;
    readonly disk: DiskListener;
  };
  /** The log had to cut a half-written end. */
  readonly onRepair: () => void;
}

/** Makes all that a node needs for a life. */
export function beginLife<Machine extends SimulatedMachine>(
  options: LifeOptions<Machine>,
  world: Pick<FullStackWorld, "executor" | "network" | "configuration" | "times">,
): Life<Machine> {
  const { executor, network, configuration } = world;
  const { id, rate, random, listeners, onRepair } = options;
  const gate = new ProcessGate(executor);
  const clock = new ProcessClock({ executor, gate, rate });
  const failingDisk = new FailingDisk();
  const fileSystem = new SimulatedFileSystem({
    clock: {
      setTimer: (delayMs, callback) => executor.setTimer(delayMs, () => gate.enter(callback)),
    },
    random: random.fork(),
    latency: world.times.fileLatency,
    tearGrain: configuration.tearGrain,
    onCall: (call, path) => listeners.disk.onCall(call, path),
    onFailed: (call, path, error) => listeners.disk.onFailed(call, path, error),
    onLost: (call) => listeners.disk.onLost(call),
    faultOf: (call) => failingDisk.faultOf(call),
  }, options.tree);
  const machine = options.application.createMachine({
    fileSystem,
    directory: "machine",
    clock,
    configuration,
  });
  const log = new WalLogStore({
    fileSystem,
    directory: LOG_DIRECTORY,
    identity: id,
    segmentBytes: configuration.segmentBytes,
    zerosAheadBytes: configuration.zerosAheadBytes,
    randomUint32: () => random.below(2 ** 32),
    setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
    onRepair,
  });
  const transport = new GatedTransport(network.transport(id), gate, listeners.messages);
  const logStore = new ObservedLogStore(log, gate, listeners.log);
  return { gate, clock, fileSystem, failingDisk, machine, transport, logStore, node: null };
}

/** What a node is started with, beside its life. */
export interface NodeOptions {
  readonly id: NodeId;
  readonly initialVoters: readonly NodeId[];
  readonly random: SeededRandom;
  /** Who is told of what the node asks of its state machine. */
  readonly listener: MachineListener;
  /** How long the next apply takes. */
  readonly applyMs: () => number;
}

/** Starts the node of a life. It is the caller who makes it a part of the life. */
export function startNode<Machine extends SimulatedMachine>(
  { gate, clock, machine, transport, logStore }: Life<Machine>,
  options: NodeOptions,
  { configuration }: Pick<FullStackWorld, "configuration">,
): Promise<Node> {
  const { id, initialVoters, random, listener, applyMs } = options;
  return RaftNode.start<unknown>({
    id,
    initialVoters,
    logStore,
    stateMachine: new ObservedMachine(machine, listener, { gate, clock, applyMs }),
    transport,
    clock,
    random: random.fork(),
    tickMs: TICK_US / 1000,
    tuning: configuration.tuning,
    compactionTail: configuration.compactionTail ?? 1e9,
    compactionThreshold: configuration.compactionThreshold,
  });
}
