import type { Message } from "../../raft/mod.ts";
import type { MarkCounts } from "../simulation/marks.ts";
import type { FullStackConfiguration } from "./full_stack_configuration.ts";
import type { FullStackInvariants } from "./full_stack_invariants.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { LinkControl } from "./link_control.ts";
import type { LocalTimes } from "./local_times.ts";
import type { VirtualExecutor } from "./virtual_executor.ts";
import type { Wish } from "./wish.ts";

/** A group of whole members as the nemesis has it: what it may look at, and what it may do to it. */
export interface StruckFullStack {
  readonly configuration: FullStackConfiguration;
  readonly electionUs: number;
  readonly executor: Pick<VirtualExecutor, "after">;
  readonly members: readonly FullStackMember[];
  /** The member that leads the highest term, if any can be reached that leads at all. */
  readonly leader: FullStackMember | undefined;
  readonly times: Pick<LocalTimes, "slowMachine">;
  readonly links: Pick<LinkControl, "cut" | "slow">;
  readonly invariants: Pick<FullStackInvariants, "onChangeRequested">;
  readonly marks: Pick<MarkCounts, "hit">;
  /** Wishes that are neither fulfilled nor refused. */
  readonly wishes: Set<Wish>;
  /** For people who look at what a seed does. */
  note(describe: () => string): void;
  /** Ends the run: something that must never be has been. */
  fail(error: unknown): void;
  member(id: string): FullStackMember | undefined;
  /** A message comes, past the network: late, or out of nowhere. */
  inject(message: Message, delayUs: number): void;
  /** A clock goes on fast (1), slow (-1) or in between, as far as clocks may drift. */
  setClockRate(member: FullStackMember, part: number): boolean;
}
