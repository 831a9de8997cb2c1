import type { Message, NodeId, Role, SnapshotMeta } from "../../raft/mod.ts";
import type { InvariantSuite } from "../invariants/invariant_suite.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { ClientLedger } from "./client_ledger.ts";
import type { CrashPoint } from "./crash_point.ts";
import type { MarkCounts } from "./marks.ts";
import type { SimulatedMember } from "./simulated_member.ts";
import type { MachineState } from "./simulated_state_machine.ts";
import type { Work } from "./work.ts";

/** What a member needs of the world around it. */
export interface MemberWorld {
  readonly random: SeededRandom;
  readonly invariants: InvariantSuite;
  readonly ledger: ClientLedger;
  readonly marks: MarkCounts;
  /** Most bytes that one read from the disk returns, whatever was asked for. */
  readonly readBytesMax: number;
  /** Takes a message away; it may be lost. */
  send(message: Message): void;
  /** Calls `member.finish(work)` when the work is done, unless the member crashes before. */
  begin(member: SimulatedMember, work: Work): void;
  /** Whether the member is to crash here. */
  crashesAt(member: SimulatedMember, point: CrashPoint): boolean;
  /** Of the writes that a crash finds under way: how many reach the disk; by chance, if not said. */
  survivingWrites?(member: SimulatedMember): number | undefined;
  /** Takes note of a crash. */
  onCrashed(member: SimulatedMember): void;
  /** Takes note of a new role, term or leader. */
  onRoleChanged(member: SimulatedMember, before: Role): void;
  /** The snapshot that a member has made up to `index`, `null` if it is not to be had. */
  fetchSnapshot(from: NodeId, to: NodeId, snapshot: SnapshotMeta): MachineState | null;
  /** Whether a snapshot that is to be made can be. */
  canSnapshot(member: SimulatedMember): boolean;
  /** How a stream to a follower ended. */
  isSnapshotSent(from: NodeId, to: NodeId): boolean;
}
