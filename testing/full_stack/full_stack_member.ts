import { decodeMembership, type Membership, membershipOf, type Role } from "../../raft/mod.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { DirectoryTree } from "../simulated_file_system/directory_tree.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import { MemberMarks } from "../simulation/member_marks.ts";
import { SimulatedDisk } from "../simulation/simulated_disk.ts";
import { SimulatedStateMachine } from "../simulation/simulated_state_machine.ts";
import type { StoredLog } from "../simulation/stored_log.ts";
import type { Application, SimulatedMachine } from "./application.ts";
import { asViolation } from "./as_violation.ts";
import { diskErrorOf } from "./disk_error_of.ts";
import type { DiskMark } from "./disk_marks.ts";
import type { DiskTrouble } from "./disk_trouble.ts";
import { DiskWatch } from "./disk_watch.ts";
import { FailureWatch } from "./failure_watch.ts";
import { beginLife, type Life, LOG_DIRECTORY, type Node, startNode } from "./full_stack_life.ts";
import type { FullStackWorld } from "./full_stack_world.ts";
import { assertReadsBack } from "./log_read_back.ts";
import { rotLastFrame } from "./log_rot.ts";
import { LogWatch } from "./log_watch.ts";
import { MachineWatch } from "./machine_watch.ts";
import { MemberGoneError } from "./member_gone_error.ts";
import { MessageWatch } from "./message_watch.ts";
import { StatusWatch } from "./status_watch.ts";

/** What a member is made from. */
export interface FullStackMemberOptions<Machine extends SimulatedMachine> {
  readonly application: Application<Machine>;
  readonly id: string;
  readonly number: number;
  readonly initialVoters: readonly string[];
  /** How fast its clock runs. */
  readonly rate: number;
  readonly random: SeededRandom;
}

/** An error that ends a process, unless its disk has failed: the check, what happened, and its mark. */
interface Exit {
  readonly check: string;
  readonly what: string;
  readonly mark: DiskMark;
}

const EXITS = {
  start: { check: "start", what: "does not start", mark: "start failed" },
  run: { check: "member stopped", what: "stopped by itself", mark: "member stopped by its disk" },
  stop: { check: "member stopped", what: "cannot stop", mark: "member stopped by its disk" },
  save: { check: "state machine", what: "cannot save", mark: "save failed" },
  restore: { check: "state machine", what: "cannot restore", mark: "save failed" },
} as const satisfies Readonly<Record<string, Exit>>;

/**
 * A whole member: a `RaftNode` on a `WalLogStore` on a simulated file system,
 * with a state machine that is on that disk too. It crashes and comes back, and
 * holds everything that it does against what it did and promised before.
 */
export class FullStackMember<Machine extends SimulatedMachine = SimulatedMachine>
  implements MemberView {
  readonly id: string;
  readonly number: number;
  role: Role = "follower";
  term = 0;
  membership: Membership;
  committedIndex = 0;
  /** The log as far as it was given to the log store. */
  log: StoredLog;
  /** What of it is durable. */
  readonly disk: SimulatedDisk = new SimulatedDisk();
  /** The state, in the form that the invariants know. */
  readonly machine: SimulatedStateMachine = new SimulatedStateMachine();

  readonly #options: FullStackMemberOptions<Machine>;
  readonly #world: FullStackWorld;
  readonly #marks: MemberMarks;
  readonly #statusWatch: StatusWatch;
  readonly #logWatch: LogWatch;
  readonly #machineWatch: MachineWatch;
  readonly #messageWatch: MessageWatch;
  readonly #diskWatch: DiskWatch;
  readonly #failures: FailureWatch;
  /** What is to go wrong with its disk in the next life. */
  #trouble: DiskTrouble | null = null;
  #tree: DirectoryTree | undefined;
  #life: Life<Machine> | null = null;
  #lostPower = false;

  constructor(options: FullStackMemberOptions<Machine>, world: FullStackWorld) {
    this.#options = options;
    this.#world = world;
    this.id = options.id;
    this.number = options.number;
    this.membership = membershipOf(options.initialVoters);
    this.log = this.disk.log.copy();
    const memberMarks = new MemberMarks(world.marks);
    const status = new StatusWatch(this, world, {
      memberMarks,
      onElected: () => world.onElected(this),
    });
    const failures = new FailureWatch({ id: options.id, directory: LOG_DIRECTORY }, world);
    this.#marks = memberMarks;
    this.#failures = failures;
    this.#statusWatch = status;
    this.#logWatch = new LogWatch(this, world, { memberMarks, status, failures });
    this.#machineWatch = new MachineWatch(this, world, {
      memberMarks,
      status,
      onRestoreFailed: (error) => this.#onRestoreFailed(error),
    });
    this.#messageWatch = new MessageWatch(this, world, {
      random: options.random,
      status,
      failures,
      crashOnceSent: () => this.#crashOnceSent(),
    });
    this.#diskWatch = new DiskWatch({ number: options.number, failures }, world);
  }

  /** Whether its process is there; it may be starting, or be paused. */
  get isRunning(): boolean {
    return this.#life !== null;
  }

  /** Whether a request would be dealt with now. */
  get isReachable(): boolean {
    return this.node !== null && this.#life?.gate.isPaused === false;
  }

  /** The node, once it has started. */
  get node(): Node | null {
    return this.#life?.node ?? null;
  }

  get believed(): MemberView["believed"] {
    const status = this.node?.status();
    return {
      lastIndex: status?.lastIndex ?? 0,
      committedIndex: status?.committedIndex ?? 0,
      term: status?.term ?? 0,
      membership: status?.membership ?? this.membership,
      termAt: (index) => this.log.termAt(index),
    };
  }

  /** The newest membership that its log holds as committed, in force or about to be. */
  get membershipAfter(): Membership | null {
    const { committedIndex } = this.believed;
    const entry = this.log.entries.findLast(({ kind, index }) =>
      kind === "membership" && index <= committedIndex
    );
    return entry === undefined ? null : decodeMembership(entry.data);
  }

  /** The life that goes on now, for faults. */
  get process(): Omit<Life<Machine>, "node"> | null {
    return this.#life;
  }

  /** Whether its last life ended with a power cut. */
  get lostPower(): boolean {
    return this.#lostPower;
  }

  /** Starts on what the disk holds. */
  start(): void {
    if (this.#life === null) {
      const life = this.#begin();
      this.#life = life;
      this.#startNode(life).catch((error) => this.#exit(life, error, EXITS.start));
    }
  }

  /** The process dies; `power` says whether the machine dies too. */
  crash({ power }: { readonly power: boolean }): void {
    const life = this.#life;
    if (life === null) {
      return;
    }
    const { diskMarks, configuration: { powerLoss: loss } } = this.#world;
    if (life.node === null) {
      diskMarks.hit("crashed while starting");
    }
    this.#end(life);
    this.#lostPower = power;
    if (power) {
      const { tree, losses } = life.fileSystem.crash({ loss });
      this.#tree = tree;
      diskMarks.hit("write torn", losses.tornWrites);
      diskMarks.hit("change lost", losses.lostChanges);
      diskMarks.hit("name lost", losses.lostNames);
      diskMarks.hit("changes lost in any order", losses.reorderedChanges);
    } else {
      this.#tree = life.fileSystem.exit();
      diskMarks.hit("process killed");
    }
    this.#world.onCrashed(this);
  }

  /** The member has got to steps of the protocol, at each of which it may crash. */
  reach(points: readonly CrashPoint[]): void {
    for (const point of points) {
      if (this.#life !== null && this.#world.crashesAt(this, point)) {
        this.#crashByChance();
      }
    }
  }

  /**
   * Something is to go wrong with its disk, in this life or, if it is down, in the
   * next. Returns false where something goes wrong already.
   */
  breakDisk(trouble: DiskTrouble): boolean {
    if (this.#life !== null) {
      return this.#life.failingDisk.arm(trouble);
    }
    this.#trouble = trouble;
    return true;
  }

  /** Nothing is to go wrong with its disk any more. */
  repairDisk(): void {
    this.#trouble = null;
    this.#life?.failingDisk.disarm();
  }

  /**
   * The last byte that was written to the log of a member that is down changes,
   * if that cannot be told from a write that was torn. Returns whether it did.
   */
  rotLog(): boolean {
    const tree = this.#tree;
    if (this.#life !== null || tree === undefined || !this.#lostPower || !this.disk.canRot) {
      return false;
    }
    const hasRotted = rotLastFrame(tree, LOG_DIRECTORY, this.#options.random);
    if (hasRotted) {
      this.disk.rot();
    }
    return hasRotted;
  }

  /** Stops in order, as a service does. */
  async stop(): Promise<void> {
    const life = this.#life;
    if (life?.node != null) {
      const { node, logStore, gate } = life;
      try {
        await node.stop();
        await logStore.close();
      } catch (error) {
        this.#exit(life, error, EXITS.stop);
        return;
      }
      if (!gate.isDead) {
        this.#world.diskMarks.hit("stopped in order");
        this.#end(life);
        this.#tree = life.fileSystem.exit();
        this.#world.onCrashed(this);
      }
    }
  }

  /**
   * Asks the node for something, on behalf of a client.
   *
   * Rejects with `MemberGoneError` if it is not there, or goes before it answers.
   */
  request<Value>(ask: (node: Node, machine: Machine) => Promise<Value>): Promise<Value> {
    const life = this.#life;
    if (life?.node == null) {
      return Promise.reject(new MemberGoneError(this.id, { wasThere: false }));
    }
    const { gate, node, machine } = life;
    return new Promise((resolve, reject) => {
      const forget = gate.onDeath(() => reject(new MemberGoneError(this.id, { wasThere: true })));
      gate.enter(() => void ask(node, machine).then(resolve, reject).finally(forget));
    });
  }

  /** A client was told that its command is done. */
  onAcknowledged(): void {
    this.reach(["acknowledged to a client"]);
  }

  /** Makes the state machine's state durable, without waiting for it. */
  saveMachine(): void {
    const life = this.#life;
    if (life?.node != null && !life.gate.isPaused) {
      life.machine.save().then(
        () => this.#machineWatch.notePromise(life.machine),
        (error) => this.#exit(life, error, EXITS.save),
      );
    }
  }

  /**
   * The log on its disk, read back entry by entry, is what was given to it, unless
   * it has failed and nobody has asked anything of it since.
   */
  async assertDiskHoldsLog(): Promise<void> {
    try {
      await assertReadsBack(this, this.#life?.logStore);
    } catch (error) {
      if (diskErrorOf(error) === null) {
        throw error;
      }
    }
  }

  #begin(): Life<Machine> {
    const { application, id, rate, random } = this.#options;
    this.#failures.begin();
    const life = beginLife({
      application,
      id,
      rate,
      random,
      tree: this.#tree,
      listeners: { log: this.#logWatch, messages: this.#messageWatch, disk: this.#diskWatch },
      onRepair: () => this.#logWatch.onRepaired(),
    }, this.#world);
    if (this.#trouble !== null) {
      life.failingDisk.arm(this.#trouble);
      this.#trouble = null;
    }
    return life;
  }

  async #startNode(life: Life<Machine>): Promise<void> {
    const { invariants, marks, diskMarks } = this.#world;
    const { id, initialVoters, random } = this.#options;
    const { gate, machine } = life;
    const termBefore = this.term;
    const node = await startNode(life, {
      id,
      initialVoters,
      random,
      listener: this.#machineWatch,
      applyMs: () => this.#world.times.applyMs(this),
    }, this.#world);
    if (gate.isDead) {
      return;
    }
    life.node = node;
    node.stopped.catch((error) => this.#exit(life, error, EXITS.run));
    const status = node.status();
    const { term, role, membership } = status;
    this.term = term;
    this.role = role;
    this.membership = membership;
    this.#statusWatch.onStarted(status);
    const { appliedIndex } = machine.digest();
    this.#world.note(() => `${id} has started in term ${term}, applied ${appliedIndex}`);
    if (term === termBefore && this.disk.hardState.vote !== null) {
      marks.hit("voter restarted in its term");
    }
    this.#marks.onStarted(membership);
    if (appliedIndex < this.disk.hardState.commit) {
      diskMarks.hit("state machine behind");
    }
    invariants.onStarted(this);
  }

  /** Its process has come to an end by itself, as it must if its disk has failed, and only then. */
  #exit(life: Life<Machine>, error: unknown, { check, what, mark }: Exit): void {
    if (life.gate.isDead) {
      return;
    }
    const failure = diskErrorOf(error);
    if (failure === null) {
      this.#world.fail(asViolation(check, `${this.id} ${what}`, error));
      return;
    }
    this.#world.note(() => `${this.id} ${what}: ${failure.message}`);
    this.#world.diskMarks.hit(mark);
    this.#crashByChance();
  }

  /** The node takes it for a stream that broke; whose disk has failed must not wait for another. */
  #onRestoreFailed(error: unknown): void {
    if (this.#life !== null && diskErrorOf(error) !== null) {
      this.#exit(this.#life, error, EXITS.restore);
    }
  }

  #end(life: Life<Machine>): void {
    this.#machineWatch.notePromise(life.machine);
    this.#life = null;
    this.#statusWatch.onEnded();
    this.role = "follower";
    this.#marks.onDown();
    life.gate.kill();
    void life.transport.close();
  }

  /** Crashes at the end of the turn, when the network has what was sent. */
  #crashOnceSent(): void {
    const life = this.#life;
    this.#world.executor.defer(() => {
      if (life === this.#life) {
        this.#crashByChance();
      }
    });
  }

  /** Crashes, and chance decides whether the machine does so with it. */
  #crashByChance(): void {
    this.crash({ power: !this.#options.random.chance(this.#world.configuration.kills) });
  }
}
