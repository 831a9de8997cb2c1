import {
  type AppendBatch,
  CompactedError,
  type CompactionMarker,
  decodeMembership,
  type Entry,
  type EntryRange,
  type LogState,
  type Membership,
  membershipOf,
  type Message,
  RaftNode,
  type Role,
  type SnapshotMeta,
} from "../../raft/mod.ts";
import { WalLogStore } from "../../storage/wal/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { DirectoryTree } from "../simulated_file_system/directory_tree.ts";
import type { FileContent } from "../simulated_file_system/file_content.ts";
import { SimulatedFileSystem } from "../simulated_file_system/simulated_file_system.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import { markConfirmation } from "../simulation/member_marks.ts";
import { SimulatedDisk } from "../simulation/simulated_disk.ts";
import { SimulatedStateMachine } from "../simulation/simulated_state_machine.ts";
import { traceMessage } from "../simulation/trace_message.ts";
import { TICK_US } from "../simulation/swarm.ts";
import type { StoredLog } from "../simulation/stored_log.ts";
import { expect, ViolationError } from "../violation.ts";
import { isSameEntry } from "../invariants/committed_log.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { Application, SimulatedMachine } from "./application.ts";
import { assertRecovered, crashPointsOf } from "./member_steps.ts";
import type { FullStackWorld } from "./full_stack_world.ts";
import { GatedTransport } from "./gated_transport.ts";
import { markMembership } from "./membership_marks.ts";
import { ObservedLogStore } from "./observed_log_store.ts";
import { ObservedMachine } from "./observed_machine.ts";
import { ProcessClock } from "./process_clock.ts";
import { ProcessGate } from "./process_gate.ts";

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

/** The member of a group, as its clients see it. */
export type Node = RaftNode<unknown>;

/** What a node says of itself. */
type NodeStatus = ReturnType<Node["status"]>;

/** One life of a member, from a start to a crash. */
interface Life<Machine> {
  readonly gate: ProcessGate;
  readonly clock: ProcessClock;
  readonly fileSystem: SimulatedFileSystem;
  readonly machine: Machine;
  readonly transport: GatedTransport;
  readonly logStore: ObservedLogStore;
  /** `null` until it has started. */
  node: Node | null;
}

/** Reads of a log within one event of which a member makes a few. */
const ASKED_MAX = 1_000;

/** A request did not get to a member, or the member died with it. */
export class MemberGoneError extends Error {
  readonly code = "MEMBER_GONE";
  /** Whether the request may have got there. */
  readonly wasThere: boolean;

  constructor(id: string, options: { readonly wasThere: boolean }) {
    super(`${id} is gone`);
    this.name = "MemberGoneError";
    this.wasThere = options.wasThere;
  }
}

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
  #tree: DirectoryTree | undefined;
  #life: Life<Machine> | null = null;
  /** What the state machine has said to be durable. */
  #machinePromise = 0;
  /** Term whose first entry, as its leader, this member has given to its log store. */
  #ledTerm = 0;
  #elected = 0;
  /** As of the last look at the node. */
  #polled: Pick<NodeStatus, "term" | "committedIndex" | "appliedIndex" | "membership"> | null =
    null;
  #jointTerm: number | null = null;
  /** Whether its log had to cut a half-written end, in this life. */
  #isCut = false;
  /** Whether it was suspect, as of the last look. */
  #wasSuspect = false;
  /** Whether its last life ended with a power cut. */
  #lostPower = false;
  /** The last append that was done: the last entry of it, and the event in which it was. */
  #completed = { lastIndex: 0, event: -1 };
  /** Reads of the log within one event. */
  #asked = 0;
  #askedAt = 0;

  constructor(options: FullStackMemberOptions<Machine>, world: FullStackWorld) {
    this.#options = options;
    this.#world = world;
    this.id = options.id;
    this.number = options.number;
    this.membership = membershipOf(options.initialVoters);
    this.log = this.disk.log.copy();
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

  /** The life that goes on now, for faults. */
  get process(): Omit<Life<Machine>, "node"> | null {
    return this.#life;
  }

  // What happens to it.

  /** Starts on what the disk holds. */
  start(): void {
    if (this.#life === null) {
      const life = this.#begin();
      this.#life = life;
      this.#startNode(life).catch((error) => {
        if (!life.gate.isDead) {
          this.#world.fail(asViolation("start", `${this.id} does not start`, error));
        }
      });
    }
  }

  /** The process dies; `power` says whether the machine dies too. */
  crash({ power }: { readonly power: boolean }): void {
    const life = this.#life;
    if (life === null) {
      return;
    }
    const { diskMarks } = this.#world;
    if (life.node === null) {
      diskMarks.hit("crashed while starting");
    }
    this.#end(life);
    this.#lostPower = power;
    if (power) {
      const { tree, losses } = life.fileSystem.crash();
      this.#tree = tree;
      diskMarks.hit("write torn", losses.tornWrites);
      diskMarks.hit("change lost", losses.lostChanges);
      diskMarks.hit("name lost", losses.lostNames);
    } else {
      this.#tree = life.fileSystem.exit();
      diskMarks.hit("process killed");
    }
    this.#world.onCrashed(this);
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
    const name = tree.list("wal").findLast((each) => each.endsWith(".wal"));
    const file = name === undefined ? undefined : tree.find(`wal/${name}`);
    const offset = file === undefined ? null : lastFrameByte(file);
    if (file === undefined || offset === null) {
      return false;
    }
    file.rot(offset, 1 << this.#options.random.below(8));
    this.disk.rot();
    return true;
  }

  /** Stops in order, as a service does. */
  async stop(): Promise<void> {
    const life = this.#life;
    if (life?.node != null) {
      const { node, logStore, gate } = life;
      await node.stop();
      await logStore.close();
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

  /** Makes the state machine's state durable, without waiting for it. */
  saveMachine(): void {
    const life = this.#life;
    if (life?.node != null && !life.gate.isPaused) {
      life.machine.save().then(
        () => this.#noteMachinePromise(life),
        (error) => this.#world.fail(asViolation("state machine", `${this.id} cannot save`, error)),
      );
    }
  }

  /** The log on its disk, read back entry by entry, is what was given to it. */
  async assertDiskHoldsLog(): Promise<void> {
    const log = this.disk.log;
    const store = this.#life?.logStore;
    let low = log.marker.index + 1;
    while (store !== undefined && low <= log.lastIndex) {
      const read = await this.#readOrCompacted(store, low, log.lastIndex + 1);
      for (const entry of read ?? []) {
        const wanted = log.entryAt(low);
        expect(
          (wanted !== undefined && isSameEntry(wanted, entry)) || low <= log.marker.index,
          "log on disk",
          () => `${this.id} reads back entry ${entry.index} of term ${entry.term} at ${low}`,
        );
        low += 1;
      }
      low = Math.max(low, log.marker.index + 1, this.log.marker.index + 1);
    }
  }

  // What its parts tell.

  onLogOpened(state: LogState): void {
    const { marks, diskMarks } = this.#world;
    const hadVote = this.disk.waiting.some((write) =>
      write.type === "batch" && write.hardState?.vote != null
    );
    const fate = assertRecovered(this.id, this.disk, { opened: state, isCut: this.#isCut });
    this.#isCut = false;
    if (fate === "damaged") {
      diskMarks.hit("durable batch damaged");
    } else if (fate === "lost") {
      marks.hit("batch lost in a crash");
      if (hadVote) {
        marks.hit("vote lost in a crash");
      }
    } else if (fate === "survived") {
      marks.hit("batch survived a crash");
      if (this.#lostPower) {
        diskMarks.hit("write survived a power cut");
      }
    }
    this.log = this.disk.log.copy();
  }

  onMachineOpened(): void {
    this.#mirrorMachine();
    const { appliedIndex } = this.machine.state;
    expect(
      appliedIndex >= this.#machinePromise,
      "state machine durability",
      () => `the state machine of ${this.id} holds ${appliedIndex} after ${this.#machinePromise}`,
    );
    this.committedIndex = appliedIndex;
  }

  /** An append was begun. */
  onAppend({ hardState, entries }: AppendBatch): void {
    const { invariants, marks } = this.#world;
    const lastBefore = this.log.lastIndex;
    const first = entries[0]?.index ?? Infinity;
    if (first <= lastBefore) {
      marks.hit("entries truncated");
      // What begins as soon as another write is done has waited for it.
      const { lastIndex, event } = this.#completed;
      if (first <= lastIndex && event === this.#world.executor.events) {
        marks.hit("stale storage completion");
      }
      const status = this.node?.status();
      if (status?.role === "leader") {
        invariants.onTruncating(this, first, status);
      }
      for (let index = first; index <= lastBefore; index += 1) {
        if (this.log.entryAt(index)?.kind === "membership") {
          marks.hit("membership rolled back");
        }
      }
    }
    this.disk.push({ type: "batch", sequence: 0, hardState, entries });
    this.disk.start({ merges: false });
    this.log.append(entries);
    invariants.onAppended(this.#asOfNow, entries, lastBefore);
    this.poll(entries);
    this.#reach(crashPointsOf({ hardState, entries }, "queued"));
  }

  /** The append is durable. */
  onAppended(batch: AppendBatch): void {
    this.disk.finish();
    this.#completed = {
      lastIndex: batch.entries.at(-1)?.index ?? 0,
      event: this.#world.executor.events,
    };
    this.#reach(crashPointsOf(batch, "durable"));
  }

  onCompact(marker: CompactionMarker): void {
    const { index, term, membership } = marker;
    if (index <= this.log.marker.index) {
      return;
    }
    if (this.log.termAt(index) === term) {
      this.disk.push({ type: "compact", marker });
      this.log.compact(marker);
    } else {
      if (this.node === null) {
        this.#world.marks.hit("log reset on restart");
      }
      const known = membership ?? this.membership;
      this.disk.push({ type: "reset", snapshot: { last: { term, index }, membership: known } });
      this.log.reset(marker);
    }
    this.disk.start({ merges: false });
  }

  onCompacted(): void {
    const written = this.disk.finish();
    if (written.some(({ type }) => type === "reset")) {
      this.#reach(["log reset"]);
    }
  }

  /**
   * Notes a read of the log. One that is answered without any I/O and asked for
   * again at once, for ever, would keep all else from happening.
   */
  mayAsk({ low }: EntryRange): boolean {
    const isNext = low === this.machine.state.appliedIndex + 1;
    this.#world.marks.hit(
      isNext && low <= this.believed.committedIndex
        ? "entries read to be applied"
        : "entries read for a follower",
    );
    const { events } = this.#world.executor;
    this.#asked = events === this.#askedAt ? this.#asked + 1 : 1;
    this.#askedAt = events;
    const may = this.#asked <= ASKED_MAX;
    if (!may) {
      const description = `${this.id} asks its log for entries ${this.#asked} times in one turn`;
      this.#world.fail(new ViolationError("busy loop", description));
    }
    return may;
  }

  /** For how long a read has to wait for others at the disk. */
  readWaitUs(): number {
    return this.#world.readWaitUs();
  }

  sleep(us: number): Promise<void> {
    return this.#world.executor.sleep(us);
  }

  onReadFailed(): void {
    this.#world.marks.hit("entries were compacted when read");
  }

  onApplying(entries: readonly Entry[]): void {
    this.poll();
    const before = this.committedIndex;
    this.committedIndex = Math.max(before, entries.at(-1)?.index ?? 0);
    this.#world.invariants.onApplying(this, before, entries);
    if (entries.some(({ kind }) => kind === "membership")) {
      this.#reach(["membership committed"]);
    }
  }

  onApplied(entries: readonly Entry[]): void {
    this.#mirrorMachine();
    this.#world.invariants.onApplied(this);
    for (const entry of entries) {
      if (entry.kind === "membership") {
        this.#changeMembership(decodeMembership(entry.data), entry);
      }
    }
  }

  onRestored(meta: SnapshotMeta): void {
    const { marks, invariants } = this.#world;
    const { last, membership } = meta;
    marks.hit("snapshot restored");
    const held = this.log.termAt(last.index);
    if (held !== null && held !== last.term) {
      marks.hit("snapshot restored over a conflicting log");
    }
    this.committedIndex = Math.max(this.committedIndex, last.index);
    this.membership = membership;
    this.#mirrorMachine();
    invariants.onRestored(this, meta);
    if (this.#life !== null) {
      this.#noteMachinePromise(this.#life);
    }
    this.#reach(["snapshot restored"]);
  }

  /** Messages are about to leave. Returns those that do now. */
  onSending(messages: readonly Message[]): readonly Message[] {
    this.poll();
    for (const message of messages) {
      this.#world.note(() => `  ${this.id} sends ${describeMessage(message)}`);
      this.#world.invariants.onSending(this, message);
    }
    if (this.#life === null) {
      return [];
    }
    const leaving = messages.filter((message) => !this.#world.detains(this, message));
    if (this.#world.crashesAt(this, "between effects")) {
      this.#crashOnceSent();
      return leaving.slice(0, this.#options.random.between(0, leaving.length));
    }
    return leaving;
  }

  /** They are with the network, which takes them on at the end of the turn. */
  onSent(messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.type === "snapshotOffer") {
        this.#world.marks.hit("snapshot sent");
      }
      const point = sentPoint(message);
      if (point !== null && this.#world.crashesAt(this, point)) {
        this.#crashOnceSent();
      }
    }
  }

  /** A message comes. Returns whether the node gets it. */
  onReceiving(message: Message): boolean {
    traceMessage(this.#world.executor.trace, message, {
      from: this.#world.numberOf(message.from),
      to: this.number,
    });
    this.#world.note(() => `${this.id} receives ${describeMessage(message)}`);
    this.#world.invariants.onReceiving(this, message);
    return !this.#world.refuses(message.from, this);
  }

  /** The stream of a snapshot broke, or what it brought was of no use. */
  onSnapshotFailed(): void {
    this.#world.marks.hit("snapshot failed");
  }

  /** Something happens to the stream of a snapshot. */
  noteStream(what: string): void {
    this.#world.note(() => `${this.id} ${what}`);
  }

  /** A client was told that its command is done. */
  onAcknowledged(): void {
    this.#reach(["acknowledged to a client"]);
  }

  /** Looks at what the node says of itself, and at the entries that it has just appended. */
  poll(entries: readonly Entry[] = []): void {
    const status = this.node?.status();
    if (status === undefined) {
      return;
    }
    const { marks } = this.#world;
    if (
      status.role === "leader" && status.term !== this.#ledTerm &&
      entries.some(({ term }) => term === status.term)
    ) {
      this.#ledTerm = status.term;
      this.#reach(["elected"]);
    }
    if (status.term !== this.term) {
      this.term = status.term;
      if (this.role === "leader") {
        marks.hit("leader deposed");
        this.role = "follower";
      }
    }
    if (this.#life === null) {
      return;
    }
    if (this.#wasSuspect && !status.isSuspect && status.role !== "leader") {
      markConfirmation(marks, this.disk, this.#world.invariants.committed);
    }
    this.#wasSuspect = status.isSuspect;
    if (status.role === "leader" && this.#elected !== status.term) {
      this.#elected = status.term;
      marks.hit("leader elected");
      this.#world.note(() => `${this.id} leads term ${status.term}`);
      this.#world.onElected(this);
    }
    this.#pollCommit(status);
    if (this.#life === null) {
      return;
    }
    // What the core has appended before may still wait for its turn at the log
    // store; with the leader's own first entry all of it is seen.
    const role = status.role === "leader" && this.#ledTerm !== status.term
      ? this.role
      : status.role;
    if (role !== this.role) {
      if (this.role === "candidate" && role === "follower" && status.leader === null) {
        marks.hit("candidate lost");
      }
      if (this.role === "leader") {
        marks.hit("leader lost its quorum");
        if (!status.membership.voters.includes(this.id)) {
          marks.hit("leader removed");
        }
      }
      this.role = role;
      this.#world.invariants.onRoleChanged(this);
    }
  }

  /** The newest membership that its log holds as committed, in force or about to be. */
  get membershipAfter(): Membership | null {
    const { committedIndex } = this.believed;
    const entry = this.log.entries.findLast(({ kind, index }) =>
      kind === "membership" && index <= committedIndex
    );
    return entry === undefined ? null : decodeMembership(entry.data);
  }

  /** This member with the role and the term that its node has at this moment. */
  get #asOfNow(): MemberView {
    const { id, membership, committedIndex, log, disk, machine, believed } = this;
    const role = this.node?.status().role ?? "follower";
    const { term } = believed;
    return {
      id,
      isRunning: true,
      role,
      term,
      membership,
      committedIndex,
      log,
      disk,
      machine,
      believed,
    };
  }

  #pollCommit(status: NodeStatus): void {
    const { role, committedIndex } = status;
    const before = this.#polled;
    this.#world.invariants.onStatus(this.id, status, before);
    this.#polled = status;
    const isNew = before !== null && committedIndex > before.committedIndex;
    if (isNew && role === "leader") {
      this.#noteLeaderCommit(status, before);
    }
    this.#world.invariants.onCommitTold(committedIndex);
    if (isNew && role === "leader") {
      this.#reach(["committed"]);
    }
  }

  #noteLeaderCommit(
    { role, term, committedIndex }: NodeStatus,
    before: Pick<NodeStatus, "committedIndex" | "membership">,
  ): void {
    if (this.disk.log.lastIndex < committedIndex) {
      this.#world.marks.hit("leader commit ahead of own disk");
    }
    if (this.#ledTerm === term && committedIndex <= this.log.lastIndex) {
      const { id, log, disk, machine, believed } = this;
      if (log.termAt(before.committedIndex + 1) !== term) {
        this.#world.marks.hit("commit of an earlier term");
      }
      this.#world.invariants.onLeaderCommitted({
        id,
        isRunning: true,
        role,
        term,
        membership: before.membership,
        membershipAfter: this.membershipAfter,
        committedIndex,
        log,
        disk,
        machine,
        believed,
      });
    }
  }

  #begin(): Life<Machine> {
    const { executor, network, configuration } = this.#world;
    const { id, rate, random } = this.#options;
    const gate = new ProcessGate(executor);
    const clock = new ProcessClock({ executor, gate, rate });
    const fileSystem = new SimulatedFileSystem({
      clock: {
        setTimer: (delayMs, callback) => executor.setTimer(delayMs, () => gate.enter(callback)),
      },
      random: random.fork(),
      latency: this.#world.fileLatency,
      tearGrain: configuration.tearGrain,
      onCall: (call, path) => this.#noteCall(call, path),
    }, this.#tree);
    const machine = this.#options.application.createMachine({
      fileSystem,
      directory: "machine",
      clock,
      configuration,
    });
    const log = new WalLogStore({
      fileSystem,
      directory: "wal",
      identity: id,
      segmentBytes: configuration.segmentBytes,
      setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
      onRepair: () => {
        this.#isCut = true;
        this.#world.diskMarks.hit("torn end cut");
      },
    });
    const transport = new GatedTransport(network.transport(id), gate, this);
    const logStore = new ObservedLogStore(log, gate, this);
    return { gate, clock, fileSystem, machine, transport, logStore, node: null };
  }

  async #startNode(life: Life<Machine>): Promise<void> {
    const { configuration, invariants, marks, diskMarks } = this.#world;
    const { id, initialVoters, random } = this.#options;
    const { gate, clock, machine, transport, logStore } = life;
    const termBefore = this.term;
    const node = await RaftNode.start<unknown>({
      id,
      initialVoters,
      logStore,
      stateMachine: new ObservedMachine(machine, this, {
        gate,
        clock,
        applyMs: () => this.#world.applyMs(this),
      }),
      transport,
      clock,
      random: random.fork(),
      tickMs: TICK_US / 1000,
      tuning: configuration.tuning,
      compactionTail: configuration.compactionTail ?? 1e9,
      compactionThreshold: configuration.compactionThreshold,
    });
    if (gate.isDead) {
      return;
    }
    life.node = node;
    node.stopped.catch((error) => {
      if (!gate.isDead) {
        this.#world.fail(asViolation("member stopped", `${id} stopped by itself`, error));
      }
    });
    const { term, role, membership } = node.status();
    this.term = term;
    this.role = role;
    this.membership = membership;
    this.#wasSuspect = node.status().isSuspect;
    const { appliedIndex } = machine.digest();
    this.#world.note(() => `${id} has started in term ${term}, applied ${appliedIndex}`);
    if (term === termBefore && this.disk.hardState.vote !== null) {
      marks.hit("voter restarted in its term");
    }
    if (membership.votersOutgoing.length > 0) {
      marks.hit("joint on restart");
    }
    if (appliedIndex < this.disk.hardState.commit) {
      diskMarks.hit("state machine behind");
    }
    invariants.onStarted(this);
  }

  #end(life: Life<Machine>): void {
    this.#noteMachinePromise(life);
    this.#life = null;
    this.#polled = null;
    this.role = "follower";
    this.#jointTerm = null;
    life.gate.kill();
    void life.transport.close();
  }

  /** `null` if a compaction has come before. */
  async #readOrCompacted(
    store: ObservedLogStore,
    low: number,
    high: number,
  ): Promise<Entry[] | null> {
    try {
      return await store.entries({ low, high, maxBytes: 1 << 20 });
    } catch (error) {
      if (error instanceof CompactedError && this.log.marker.index >= low) {
        return null;
      }
      throw error;
    }
  }

  #mirrorMachine(): void {
    const held = this.#life?.machine.digest();
    if (held !== undefined) {
      const { appliedIndex, term, low: digest, high: digestHigh } = held;
      this.machine.restore({
        appliedIndex,
        term,
        digest,
        digestHigh,
        registers: [],
        memberships: null,
      });
    }
  }

  #noteMachinePromise({ machine }: Life<Machine>): void {
    this.#machinePromise = Math.max(this.#machinePromise, machine.durableIndex());
  }

  #changeMembership(membership: Membership, { term, index }: Entry): void {
    const before = this.membership;
    this.membership = membership;
    this.#world.invariants.onMembershipChanged(this, index);
    const { points, jointTerm } = markMembership(this.#world.marks, {
      before,
      membership,
      term,
      jointTerm: this.#jointTerm,
    });
    this.#jointTerm = jointTerm;
    this.#reach(points);
  }

  /** The member has got to steps of the protocol, at each of which it may crash. */
  #reach(points: readonly CrashPoint[]): void {
    for (const point of points) {
      if (this.#life !== null && this.#world.crashesAt(this, point)) {
        this.crash({ power: !this.#options.random.chance(this.#world.configuration.kills) });
      }
    }
  }

  /** Crashes at the end of the turn, when the network has what was sent. */
  #crashOnceSent(): void {
    const life = this.#life;
    this.#world.executor.defer(() => {
      if (life === this.#life) {
        this.crash({ power: !this.#options.random.chance(this.#world.configuration.kills) });
      }
    });
  }

  #noteCall(call: string, path: string): void {
    const { executor, diskMarks } = this.#world;
    executor.trace.add(call.length * 1024 + this.number);
    if (call === "rename" && path.endsWith(".wal.tmp")) {
      diskMarks.hit("segment begun");
    } else if (call === "remove" && path.endsWith(".wal")) {
      diskMarks.hit("segment removed");
    }
  }
}

/** Where the last frame of a segment has its last byte, `null` if it has no frame. */
function lastFrameByte(file: FileContent): number | null {
  const bytes = new Uint8Array(file.size);
  file.read(bytes, 0);
  const headerBytes = new DataView(bytes.buffer).getUint32(12, true);
  const last = bytes.findLastIndex((byte) => byte !== 0);
  return last < headerBytes ? null : last;
}

/** The step that sending a message is, if it is one at which a crash hurts. */
function sentPoint(message: Message): CrashPoint | null {
  switch (message.type) {
    case "voteResponse":
      return message.granted && !message.isPreVote ? "vote sent" : null;
    case "appendAccepted":
      return "entries acknowledged";
    case "timeoutNow":
      return "election invited";
    default:
      return null;
  }
}

/** A failure as a violation, unless it is one. */
export function asViolation(check: string, what: string, error: unknown): ViolationError {
  return error instanceof ViolationError ? error : new ViolationError(
    check,
    `${what}: ${error instanceof Error ? error.stack ?? error.message : error}`,
    {
      cause: error,
    },
  );
}

function describeMessage(message: Message): string {
  const { type, from, to, term, ...rest } = message;
  return `${from}->${to} ${type} term ${term} ${
    JSON.stringify(rest, (key, value) => key === "data" ? undefined : value)
  }`;
}
