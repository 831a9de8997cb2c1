import type { Message } from "../../raft/mod.ts";
import type { MemoryNetwork } from "../../transport/mod.ts";
import type { FileLatency } from "../simulated_file_system/simulated_file_system.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import type { MarkCounts } from "../simulation/marks.ts";
import type { DiskMarkCounts } from "./disk_marks.ts";
import type { FullStackConfiguration } from "./full_stack_configuration.ts";
import type { FullStackInvariants } from "./full_stack_invariants.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { VirtualExecutor } from "./virtual_executor.ts";

/** What a member needs of the simulation around it. */
export interface FullStackWorld {
  readonly configuration: FullStackConfiguration;
  readonly executor: VirtualExecutor;
  readonly network: MemoryNetwork;
  readonly invariants: FullStackInvariants;
  readonly marks: MarkCounts;
  readonly diskMarks: DiskMarkCounts;
  /** How long calls of a disk take now. */
  readonly fileLatency: FileLatency;

  /** For people who look at what a seed does. */
  note(describe: () => string): void;
  /** Ends the run: something that must never be has been. */
  fail(error: unknown): void;
  /** Whether the member is to crash at this step. */
  crashesAt(member: FullStackMember, point: CrashPoint): boolean;
  /** How long a state machine takes for its next apply, in milliseconds. */
  applyMs(member: FullStackMember): number;
  /** The place of a member in the list of all. */
  numberOf(id: string): number;
  /** For how long a read of a log has to wait for others at the disk. */
  readWaitUs(): number;
  /** Whether what one member sends another would be refused at the door. */
  refuses(from: string, to: FullStackMember): boolean;
  onCrashed(member: FullStackMember): void;
  onElected(member: FullStackMember): void;
  /** Whether a message is taken out of the network's hands, to come late. */
  detains(from: FullStackMember, message: Message): boolean;
}
