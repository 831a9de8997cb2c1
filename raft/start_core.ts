import type { RaftTuning } from "./core_options.ts";
import type { NodeId } from "./hard_state.ts";
import type { LogState, LogStore } from "./log_store.ts";
import { type Membership, membershipOf } from "./membership.ts";
import { decodeMembership } from "./membership_codec.ts";
import { MembershipHistory } from "./membership_history.ts";
import { RaftCore } from "./raft_core.ts";
import type { Random } from "./random.ts";
import type { StateMachine, StateMachineState } from "./state_machine.ts";
import { systemRandom } from "./system_random.ts";

/** What a start needs. */
export interface StartCoreOptions {
  readonly id: NodeId;
  readonly initialVoters: readonly NodeId[];
  readonly logStore: LogStore;
  readonly stateMachine: Pick<StateMachine<unknown>, "open">;
  readonly random?: Random;
  readonly tuning?: RaftTuning;
}

/** The log and the state machine of a member do not fit together. */
export class StartError extends Error {
  readonly code = "START_MISMATCH";

  constructor(reason: string) {
    super(`Log and state machine do not fit together: ${reason}`);
    this.name = "StartError";
  }
}

/** A core that goes on where an earlier life ended, and what it takes to drive it. */
export interface StartedCore {
  readonly core: RaftCore;
  /** As far back as the log goes. */
  readonly memberships: MembershipHistory;
}

/**
 * Opens what an earlier life left and makes a core of it.
 *
 * @throws {StartError} if the log begins after what the state machine holds, or
 * has not heard of its term, or the state machine does not know that term.
 */
export async function startCore(options: StartCoreOptions): Promise<StartedCore> {
  const { id, logStore, stateMachine, initialVoters, tuning = {} } = options;
  const [opened, machine] = await Promise.all([logStore.open(), stateMachine.open()]);
  if (opened.marker.index > machine.appliedIndex) {
    throw new StartError(
      `the log begins after ${opened.marker.index}, the state machine holds ${machine.appliedIndex}; ` +
        `entries ${machine.appliedIndex + 1} to ${opened.marker.index} are in neither: restore ` +
        "both from a backup of this member, or remove it from the group and add it again, empty",
    );
  }
  if (machine.appliedIndex > 0 && machine.term < 1) {
    throw new StartError(
      `the state machine holds entry ${machine.appliedIndex} and does not tell its term`,
    );
  }
  if (opened.hardState.term < machine.term) {
    throw new StartError(
      `the state machine holds entry ${machine.appliedIndex} of term ${machine.term}, the log knows ` +
        `no later term than ${opened.hardState.term}: it was lost, or is another member's`,
    );
  }
  const founding = membershipOf(initialVoters);
  const membership = membershipAt(opened, machine) ?? founding;
  const logState = machine.appliedIndex > 0 && termIn(opened, machine.appliedIndex) !== machine.term
    ? await finishRestore(logStore, opened, machine, membership)
    : opened;
  const { appliedIndex } = machine;
  const core = new RaftCore({
    id,
    membership,
    logState,
    appliedIndex,
    random: options.random ?? systemRandom(),
    tuning,
  });
  return { core, memberships: historyOf(logState, { appliedIndex, membership, founding }) };
}

/** What was in force from the log's beginning up to what is applied. */
function historyOf(
  { marker, membershipEntries }: LogState,
  { appliedIndex, membership, founding }: {
    readonly appliedIndex: number;
    readonly membership: Membership;
    readonly founding: Membership;
  },
): MembershipHistory {
  const history = new MembershipHistory([
    { index: marker.index, membership: marker.membership ?? founding },
  ]);
  history.addOf(membershipEntries.filter(({ index }) => index <= appliedIndex));
  history.add({ index: appliedIndex, membership });
  return history;
}

/**
 * A snapshot was restored, and a crash came before the log was made to begin
 * after it: the log ends before the snapshot does, or has another leader's
 * entry there. The same is seen where the end of the log was damaged, and the
 * state machine had applied what was there. Nothing else can bring that about.
 */
async function finishRestore(
  logStore: LogStore,
  { hardState }: LogState,
  { appliedIndex: index, term }: StateMachineState,
  membership: Membership,
): Promise<LogState> {
  const marker = { index, term, membership };
  await logStore.compact(marker);
  return { hardState, marker, lastIndex: index, terms: [], membershipEntries: [] };
}

/** The term of an entry, `null` if the log does not hold it. */
function termIn({ marker, lastIndex, terms }: LogState, index: number): number | null {
  if (index > lastIndex) {
    return null;
  }
  return terms.findLast(({ firstIndex }) => firstIndex <= index)?.term ?? marker.term;
}

/** The membership as of the last applied entry, if anything tells of it. */
function membershipAt(log: LogState, machine: StateMachineState): Membership | null {
  const applied = log.membershipEntries.findLast(({ index }) => index <= machine.appliedIndex);
  return machine.membership ??
    (applied === undefined ? log.marker.membership : decodeMembership(applied.data));
}
