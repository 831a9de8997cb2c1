import type { Message, NodeId, RaftTuning, SnapshotMeta } from "../../raft/mod.ts";
import { InvariantSuite } from "../invariants/invariant_suite.ts";
import { SeededRandom } from "../seeded_random.ts";
import { ClientLedger } from "../simulation/client_ledger.ts";
import type { CrashPoint } from "../simulation/crash_point.ts";
import { MarkCounts } from "../simulation/marks.ts";
import { markElection } from "../simulation/member_marks.ts";
import type { MemberWorld } from "../simulation/member_world.ts";
import type { SimulatedMember } from "../simulation/simulated_member.ts";
import type { MachineState } from "../simulation/simulated_state_machine.ts";
import type { Work } from "../simulation/work.ts";
import { ScriptedNetwork } from "./scripted_network.ts";
import { ScriptedWork } from "./scripted_work.ts";

/** What a scripted world is made from. */
export interface ScriptedWorldOptions {
  readonly tuning: RaftTuning & { readonly electionTicks: number };
  readonly onSend: (message: Message) => void;
  readonly onRoleChanged: (member: SimulatedMember) => void;
}

/**
 * The world of members to whom nothing happens by chance: what they send and
 * begin waits until it is taken, and they crash where they are told to.
 */
export class ScriptedWorld implements MemberWorld {
  readonly random: SeededRandom = new SeededRandom(1);
  readonly marks: MarkCounts = new MarkCounts();
  readonly invariants: InvariantSuite;
  readonly ledger: ClientLedger;
  readonly network: ScriptedNetwork = new ScriptedNetwork();
  readonly work: ScriptedWork = new ScriptedWork();
  readBytesMax: number = Infinity;
  /** Members whose state machine makes no snapshots. */
  readonly snapshotless: Set<NodeId> = new Set();
  /** How often one was to be made all the same. */
  snapshotFailures = 0;
  readonly #listener: Omit<ScriptedWorldOptions, "tuning">;
  readonly #members: ReadonlyMap<NodeId, SimulatedMember>;
  /** How many times a member has still to come to a point until it crashes there. */
  readonly #crashPoints = new Map<string, number>();
  readonly #surviving = new Map<NodeId, number>();

  constructor(
    members: ReadonlyMap<NodeId, SimulatedMember>,
    { tuning, ...listener }: ScriptedWorldOptions,
  ) {
    this.#members = members;
    this.#listener = listener;
    this.invariants = new InvariantSuite(members, tuning);
    this.ledger = new ClientLedger(this.invariants);
  }

  /** A member crashes when it comes to this point for the `nth` time from now. */
  crashAt(id: NodeId, point: CrashPoint, nth: number): void {
    this.#crashPoints.set(`${id} ${point}`, nth);
  }

  /** Of the writes under way in such a crash, the oldest `count` reach the disk. */
  setSurviving(id: NodeId, count: number): void {
    this.#surviving.set(id, count);
  }

  survivingWrites(member: SimulatedMember): number | undefined {
    return this.#surviving.get(member.id);
  }

  /** Nothing is blocked or held any more, and nobody is to crash. */
  heal(): void {
    this.network.heal();
    this.network.stopHolding();
    this.work.releaseAll();
    this.#crashPoints.clear();
  }

  send(message: Message): void {
    this.#listener.onSend(message);
    this.network.send(message);
  }

  begin(member: SimulatedMember, work: Work): void {
    this.work.begin(member, work);
  }

  crashesAt(member: SimulatedMember, point: CrashPoint): boolean {
    const key = `${member.id} ${point}`;
    const left = this.#crashPoints.get(key);
    if (left === undefined) {
      return false;
    }
    if (left > 1) {
      this.#crashPoints.set(key, left - 1);
      return false;
    }
    this.#crashPoints.delete(key);
    return true;
  }

  onCrashed(_member: SimulatedMember): void {}

  onRoleChanged(member: SimulatedMember): void {
    markElection(this.marks, member, (id) => this.#members.get(id));
    this.#listener.onRoleChanged(member);
  }

  fetchSnapshot(from: NodeId, to: NodeId, snapshot: SnapshotMeta): MachineState | null {
    const sender = this.#members.get(from);
    return sender?.isRunning === true && !this.network.isBlocked(from, to)
      ? sender.snapshotFor(to, snapshot.last.index)
      : null;
  }

  canSnapshot({ id }: SimulatedMember): boolean {
    const fails = this.snapshotless.has(id);
    this.snapshotFailures += fails ? 1 : 0;
    return !fails;
  }

  isSnapshotSent(from: NodeId, to: NodeId): boolean {
    return this.#members.get(to)?.isRunning === true && !this.network.isBlocked(from, to);
  }
}
