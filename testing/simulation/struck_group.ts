import type { Message } from "../../raft/mod.ts";
import type { Hindrances } from "./hindrances.ts";
import type { SimulatedMember } from "./simulated_member.ts";
import type { SimulatedNetwork } from "./simulated_network.ts";
import type { SwarmConfiguration } from "./swarm.ts";

/** A group as the nemesis has it: what it may look at, and what it may do to it. */
export interface StruckGroup {
  readonly configuration: SwarmConfiguration;
  readonly electionUs: number;
  readonly members: readonly SimulatedMember[];
  /** The member that leads the highest term, if any runs that leads at all. */
  readonly leader: SimulatedMember | undefined;
  readonly network: Pick<SimulatedNetwork, "block" | "unblock" | "slowDown" | "speedUp">;
  readonly hindrances: Pick<
    Hindrances,
    | "pause"
    | "resume"
    | "stopClock"
    | "startClock"
    | "stallDisk"
    | "isDiskStalled"
    | "slowMachine"
    | "isMachineSlow"
  >;
  /** Gives requests their ids. */
  readonly ledger: { takeId(): number };
  /** Calls back after a while. */
  after(delayUs: number, action: () => void): void;
  /** For people who look at what a seed does. */
  note(describe: () => string): void;
  /** Whether an event would reach the member now. */
  isReachable(member: SimulatedMember): boolean;
  restart(member: SimulatedMember): void;
  jumpClock(member: SimulatedMember, ticks: number): void;
  /** From now on its clock is fast (1), slow (-1) or in between, as far as clocks may drift. */
  setClockRate(member: SimulatedMember, part: number): void;
  freeDisk(member: SimulatedMember): void;
  /** A message comes, past the network: late, or out of nowhere. */
  inject(message: Message, delayUs: number): void;
}
