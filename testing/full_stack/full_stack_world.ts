import type { Message } from "../../raft/mod.ts";
import type { MemoryNetwork } from "../../transport/mod.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import type { MarkCounts } from "../simulation/marks.ts";
import type { DiskMarkCounts } from "./disk_marks.ts";
import type { FullStackConfiguration } from "./full_stack_configuration.ts";
import type { FullStackInvariants } from "./full_stack_invariants.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { LocalTimes } from "./local_times.ts";
import type { VirtualExecutor } from "./virtual_executor.ts";

/** What a member needs of the simulation around it. */
export interface FullStackWorld {
  readonly configuration: FullStackConfiguration;
  readonly executor: VirtualExecutor;
  readonly network: MemoryNetwork;
  readonly invariants: FullStackInvariants;
  readonly marks: MarkCounts;
  readonly diskMarks: DiskMarkCounts;
  readonly times: Pick<LocalTimes, "fileLatency" | "applyMs" | "readWaitUs">;

  /** For people who look at what a seed does. */
  note(describe: () => string): void;
  /** Ends the run: something that must never be has been. */
  fail(error: unknown): void;
  /** Whether the member is to crash at this step. */
  crashesAt(member: FullStackMember, point: CrashPoint): boolean;
  /** The place of a member in the list of all. */
  numberOf(id: string): number;
  /** Whether what one member sends another would be refused at the door. */
  refuses(from: string, to: FullStackMember): boolean;
  onCrashed(member: FullStackMember): void;
  onElected(member: FullStackMember): void;
  /** Whether a message is taken out of the network's hands, to come late. */
  detains(from: FullStackMember, message: Message): boolean;
}
