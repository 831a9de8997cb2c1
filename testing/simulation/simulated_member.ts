import {
  invariant,
  type Membership,
  type MembershipChange,
  membershipOf,
  type NodeId,
  type RaftEvent,
  type RaftTuning,
  type Random,
  type Role,
} from "../../raft/mod.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { SeededRandom } from "../seeded_random.ts";
import { DiskDriver } from "./disk_driver.ts";
import { GuardedCore } from "./guarded_core.ts";
import { MachineDriver } from "./machine_driver.ts";
import { MemberLife } from "./member_life.ts";
import { MemberMarks } from "./member_marks.ts";
import type { MemberWorld } from "./member_world.ts";
import { PendingRequests } from "./pending_requests.ts";
import { SimulatedDisk } from "./simulated_disk.ts";
import { type MachineState, SimulatedStateMachine } from "./simulated_state_machine.ts";
import { StoredLog } from "./stored_log.ts";
import type { Work } from "./work.ts";

export interface SimulatedMemberOptions {
  readonly id: NodeId;
  readonly number: number;
  /** Founders of the group; empty for one that joins later. */
  readonly initialVoters: readonly NodeId[];
  readonly tuning: RaftTuning;
  /** Whether batches that wait for the disk are written as one. */
  readonly mergesWrites: boolean;
  /** The core's chance. Default: drawn from the world's. */
  readonly random?: Random;
}

/**
 * One member: a `RaftCore`, and the driver that performs its effects on a
 * simulated disk, state machine and network. It crashes and starts again.
 */
export class SimulatedMember implements MemberView {
  readonly id: NodeId;
  readonly number: number;
  readonly disk: SimulatedDisk = new SimulatedDisk();
  readonly machine: SimulatedStateMachine = new SimulatedStateMachine();
  log: StoredLog = new StoredLog();
  role: Role = "follower";
  leader: NodeId | null = null;
  term = 0;
  membership: Membership;
  membershipBefore: Membership;
  membershipAfter: Membership | null = null;
  committedIndex = 0;
  /** Counts the starts: work that was begun in an earlier life is not finished in a later one. */
  life = 0;
  readonly #tuning: RaftTuning;
  readonly #world: MemberWorld;
  /** What chance does to this member. */
  readonly #chance: SeededRandom;
  /** The core's own. */
  readonly #random: Random;
  readonly #marks: MemberMarks;
  readonly #diskDriver: DiskDriver;
  readonly #machineDriver: MachineDriver;
  /** Requests that this life has taken, or the next one will. */
  #requests: PendingRequests;
  /** The life that this member has now, `null` while it is down. */
  #current: MemberLife | null = null;

  constructor(options: SimulatedMemberOptions, world: MemberWorld) {
    const { id, initialVoters, mergesWrites } = options;
    const { ledger, marks } = world;
    this.id = id;
    this.number = options.number;
    this.membership = membershipOf(initialVoters);
    this.membershipBefore = this.membership;
    this.#tuning = options.tuning;
    this.#world = world;
    this.#chance = world.random.fork();
    this.#random = options.random ?? this.#chance;
    this.#marks = new MemberMarks(marks);
    this.#diskDriver = new DiskDriver(this.disk, {
      id,
      mergesWrites,
      marks,
      begin: (work) => world.begin(this, work),
    });
    this.#machineDriver = new MachineDriver(this.machine, { id, initialVoters });
    this.#requests = new PendingRequests(ledger, marks);
  }

  get isRunning(): boolean {
    return this.#current !== null;
  }

  /** Messages that the core dropped in this life. */
  get droppedMessages(): number {
    return this.#current?.droppedMessages ?? 0;
  }

  get believed(): MemberView["believed"] {
    invariant(this.#current !== null, "a member that runs has a core");
    return this.#current.believed;
  }

  /** Whether a client waits in vain: a request with a lower number than this has no answer. */
  isOwing(beforeId: number): boolean {
    return this.#requests.isOwing(beforeId);
  }

  /** Starts from what the disk and the state machine's backend hold. */
  start(): void {
    const { machine, disk } = this;
    const { appliedIndex, term } = machine.state;
    const membership = this.#machineDriver.membershipAt(appliedIndex);
    if (disk.log.termAt(appliedIndex) !== term) {
      // A snapshot was restored, and a crash came before the log was reset.
      this.#world.marks.hit("log reset on restart");
      disk.reset({ index: appliedIndex, term, membership });
    }
    this.life += 1;
    this.log = disk.log.copy();
    this.membership = membership;
    const core = new GuardedCore({
      id: this.id,
      membership,
      logState: disk.open(),
      appliedIndex,
      random: this.#random,
      tuning: this.#tuning,
    });
    this.#current = new MemberLife(this, this.#world, {
      core,
      disk: this.#diskDriver,
      machine: this.#machineDriver,
      requests: this.#requests,
      marks: this.#marks,
    });
    this.role = "follower";
    this.leader = null;
    this.term = core.term;
    this.committedIndex = core.committedIndex;
    this.#marks.onStarted(membership);
    this.#world.invariants.onStarted(this);
  }

  /**
   * Loses everything that is not durable. Of the writes under way, the oldest
   * `surviving` may have reached the disk: any number of them, by default.
   */
  crash(options: { readonly surviving?: number } = {}): void {
    if (this.#current === null) {
      return;
    }
    const { waiting } = this.disk;
    const surviving = options.surviving ?? this.#world.survivingWrites?.(this) ??
      this.#chance.below(waiting.length + 1);
    this.#marks.onCrashed(waiting, surviving);
    this.#marks.onDown();
    this.disk.crash(surviving);
    this.#machineDriver.crash();
    this.#current.end();
    this.#current = null;
    this.#requests.abandon();
    this.#requests = new PendingRequests(this.#world.ledger, this.#world.marks);
    this.#world.onCrashed(this);
  }

  /** Gives an event to the core and performs what follows. */
  step(event: RaftEvent): void {
    this.#current?.step(event);
  }

  /** A client proposes commands here. */
  propose(commands: readonly { readonly id: number; readonly data: Uint8Array }[]): void {
    this.#requests.propose(commands);
    this.step({ type: "proposed", proposals: commands });
  }

  /** A client reads here. */
  read(ids: readonly number[]): void {
    this.#requests.read(ids);
    this.step({ type: "readRequested", ids });
  }

  /** Someone wants another membership of it. */
  change(id: number, changes: readonly MembershipChange[]): void {
    this.#requests.change(id);
    this.step({ type: "membershipChangeRequested", id, changes });
  }

  /** Lets the state machine sync, and drops from the log what it holds, but for a tail. */
  maintain(options: { readonly compactsTail: number | null }): void {
    if (this.#current === null) {
      return;
    }
    this.machine.sync();
    const { log } = this.disk;
    const { compactsTail } = options;
    const index = this.machine.durableIndex - (compactsTail ?? 0);
    const term = log.termAt(index);
    if (compactsTail !== null && index > log.marker.index && term !== null) {
      const membership = this.#machineDriver.membershipAt(index);
      this.#diskDriver.write({ type: "compact", marker: { index, term, membership } });
    }
  }

  /** Ends something that was begun in this life. */
  finish(work: Work): void {
    this.#current?.finish(work);
  }

  /** A snapshot that was made for a follower, if it is still here. */
  snapshotFor(to: NodeId, index: number): MachineState | null {
    return this.#machineDriver.snapshotFor(to, index);
  }
}
