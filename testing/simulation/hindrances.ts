import type { SimulatedMember } from "./simulated_member.ts";
import type { SimulationEvent, WorkDone } from "./simulation_event.ts";

/** What waits for a member to go on. */
interface Pause {
  /** Ticks that were missed. */
  ticks: number;
  /** What came meanwhile, in order. */
  readonly events: SimulationEvent[];
}

export interface HindrancesOptions {
  /** For people who look at what a seed does. */
  readonly note: (describe: () => string) => void;
  /** Gives a member ticks, at once. */
  readonly giveTicks: (member: SimulatedMember, ticks: number) => void;
  /** Lets an event happen that has waited. */
  readonly happen: (event: SimulationEvent) => void;
}

/**
 * What hinders members without a crash: pauses, clocks that stand still, disks
 * that hang, slow state machines. It keeps what has to wait for the end of it.
 */
export class Hindrances {
  readonly #options: HindrancesOptions;
  readonly #pauses = new Map<SimulatedMember, Pause>();
  readonly #stoppedClocks = new Set<SimulatedMember>();
  /** Each with the write that hangs there, if any does. */
  readonly #stalledDisks = new Map<SimulatedMember, WorkDone | null>();
  readonly #slowMachines = new Set<SimulatedMember>();

  constructor(options: HindrancesOptions) {
    this.#options = options;
  }

  isPaused(member: SimulatedMember): boolean {
    return this.#pauses.has(member);
  }

  isMachineSlow(member: SimulatedMember): boolean {
    return this.#slowMachines.has(member);
  }

  pause(member: SimulatedMember): void {
    if (!this.#pauses.has(member)) {
      this.#options.note(() => `${member.id} pauses`);
      this.#pauses.set(member, { ticks: 0, events: [] });
    }
  }

  /**
   * Goes on after a pause, first with the ticks that were missed: a driver asks
   * the monotonic clock before it takes up what has waited, or a lease would
   * outlive the pause.
   */
  resume(member: SimulatedMember): void {
    const pause = this.#pauses.get(member);
    if (pause === undefined) {
      return;
    }
    this.#options.note(() => `${member.id} resumes`);
    this.#pauses.delete(member);
    this.#options.giveTicks(member, pause.ticks);
    pause.events.forEach((event) => this.#options.happen(event));
  }

  /** Stops a clock. Returns whether it ran. */
  stopClock(member: SimulatedMember): boolean {
    const ran = !this.#stoppedClocks.has(member);
    this.#stoppedClocks.add(member);
    return ran;
  }

  startClock(member: SimulatedMember): void {
    this.#stoppedClocks.delete(member);
  }

  isDiskStalled(member: SimulatedMember): boolean {
    return this.#stalledDisks.has(member);
  }

  stallDisk(member: SimulatedMember): void {
    if (!this.#stalledDisks.has(member)) {
      this.#options.note(() => `${member.id} disk stalls`);
      this.#stalledDisks.set(member, null);
    }
  }

  /** Ends a stall. Returns the write that is done only now. */
  freeDisk(member: SimulatedMember): WorkDone | null {
    const done = this.#stalledDisks.get(member) ?? null;
    this.#stalledDisks.delete(member);
    return done;
  }

  slowMachine(member: SimulatedMember, isSlow: boolean): void {
    if (isSlow) {
      this.#slowMachines.add(member);
    } else {
      this.#slowMachines.delete(member);
    }
  }

  /** Whether a tick passes a member by; a pause makes up for it in the end. */
  missesTick(member: SimulatedMember): boolean {
    const pause = this.#pauses.get(member);
    if (pause !== undefined) {
      pause.ticks += 1;
      return true;
    }
    return this.#stoppedClocks.has(member);
  }

  /** Keeps an event for the end of a pause. Returns whether there is one. */
  keeps(member: SimulatedMember, event: SimulationEvent): boolean {
    const pause = this.#pauses.get(member);
    pause?.events.push(event);
    return pause !== undefined;
  }

  /** Keeps the end of a write for the end of a stall. Returns whether there is one. */
  keepsWrite(done: WorkDone): boolean {
    if (done.work.type !== "write" || !this.#stalledDisks.has(done.member)) {
      return false;
    }
    this.#stalledDisks.set(done.member, done);
    return true;
  }

  /** A crash ends a pause, and nothing is left to be made up for. */
  onCrashed(member: SimulatedMember): void {
    this.#pauses.delete(member);
  }

  /** All clocks go on, and all machines are quick. Pauses and stalls end one by one. */
  heal(): void {
    this.#stoppedClocks.clear();
    this.#slowMachines.clear();
  }
}
