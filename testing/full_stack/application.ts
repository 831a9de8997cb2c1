import type { Clock, StateMachine } from "../../raft/mod.ts";
import type { FileSystem } from "../../storage/mod.ts";
import type { CommittedLog } from "../invariants/committed_log.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { MarkCounts } from "../simulation/marks.ts";
import type { DiskMarkCounts } from "./disk_marks.ts";
import type { FullStackConfiguration } from "./full_stack_configuration.ts";
import type { FullStackInvariants } from "./full_stack_invariants.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { VirtualExecutor } from "./virtual_executor.ts";

/** What one life of a member gives its state machine to live on. */
export interface MachineResources {
  /** The member's disk. What is on it outlives the life; what was not synced may not. */
  readonly fileSystem: FileSystem;
  /** The machine's own place on it. */
  readonly directory: string;
  readonly clock: Clock;
  readonly configuration: FullStackConfiguration;
}

/** What a state machine holds, in a form that can be compared. */
export interface MachineDigest {
  readonly appliedIndex: number;
  /** Term of the entry at `appliedIndex`. */
  readonly term: number;
  /** Two halves of a hash, each an integer below 2^32: equal where the same entries were applied. */
  readonly low: number;
  readonly high: number;
}

/** A state machine that a simulation can look into. */
export interface SimulatedMachine<Result = unknown> extends StateMachine<Result> {
  digest(): MachineDigest;

  /** Makes durable what it holds. Called now and then, also while it is at it already. */
  save(): Promise<void>;
}

/** What a client of a simulated group may see and do. */
export interface ClientWorld<Machine extends SimulatedMachine> {
  readonly configuration: FullStackConfiguration;
  readonly executor: VirtualExecutor;
  readonly members: readonly FullStackMember<Machine>[];
  /** The member that leads the highest term, if any can be reached that leads at all. */
  readonly leader: FullStackMember<Machine> | undefined;
  readonly electionUs: number;
  /** Whether the faults have ended: then clients ask only for what the healing wants. */
  readonly isHealing: boolean;
  /** To be told what clients were told. */
  readonly invariants: FullStackInvariants;
  readonly marks: MarkCounts;
  readonly diskMarks: DiskMarkCounts;

  /** A number that nobody else has: of a command, or of a read. */
  takeId(): number;
  onAcknowledged(): void;
  onServed(): void;
  /** For people who look at what a seed does. */
  note(describe: () => string): void;
}

/** A client that asks for one thing at a time. */
export interface SimulatedClient<Machine extends SimulatedMachine> {
  /** Asks now and then, until the faults end. */
  run(meanUs: number): Promise<void>;

  /** Has a command executed. Resolves with whether it was answered. */
  command(member: FullStackMember<Machine>): Promise<boolean>;

  /** Reads. Resolves with whether it was served. */
  read(member: FullStackMember<Machine>, timeoutUs: number): Promise<boolean>;
}

/** What a simulated group replicates in one run: its state machine, its clients, and their checks. */
export interface Application<Machine extends SimulatedMachine> {
  /** A machine for one life of a member. */
  createMachine(resources: MachineResources): Machine;

  createClient(
    world: ClientWorld<Machine>,
    random: SeededRandom,
    number: number,
  ): SimulatedClient<Machine>;

  /** The number by which the client knows the command of an entry. */
  commandOf(data: Uint8Array): number;

  /** Members from which clients wait for an answer, with what they wait for. */
  waiting(): Iterable<{ readonly member: string; readonly what: string }>;

  /**
   * Called at the end, when all is healed: throws `ViolationError` unless all
   * that clients were told follows from what was committed.
   */
  assertFollows(committed: CommittedLog, machines: readonly Machine[]): void;
}
