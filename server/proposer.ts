import type { Applied, Clock, RaftNode } from "../raft/mod.ts";
import { etcdError } from "./errors.ts";
import { RequestDeadlines } from "./request_deadlines.ts";
import type { ApplyResult } from "./state/apply_result.ts";
import { type CommandKind, encodeCommand } from "./state/command.ts";
import type { ReplicatedState } from "./state/replicated_state.ts";

/** What it takes to get commands into the log. */
export interface ProposerOptions {
  readonly node: RaftNode<ApplyResult>;
  readonly state: ReplicatedState;
  readonly clock: Clock;
  /** First request id; ids of two lives of a member should not meet. */
  readonly firstRequestId: number;
}

/** Largest request that is taken, in bytes: etcd's `--max-request-bytes`. */
export const REQUEST_BYTES_MAX = 1_572_864;

/** Committed entries that may wait to be applied before requests are refused, as in etcd. */
const APPLY_GAP_MAX = 5_000;

/**
 * How far one command may move the replicated time forward. A leader whose
 * clock is years ahead then cannot drag it along at once. After a long silence
 * the replicated time lags and catches up by an hour with each command.
 */
const FORWARD_JUMP_MAX_MS = 3_600_000;

/** The door to the log: stamps commands with the leader's time and sees them applied. */
export class Proposer {
  readonly #options: ProposerOptions;
  readonly #deadlines: RequestDeadlines;
  #nextRequestId: number;
  #stampMs = 0;

  constructor(options: ProposerOptions) {
    this.#options = options;
    this.#deadlines = new RequestDeadlines(options.clock);
    this.#nextRequestId = options.firstRequestId;
  }

  /**
   * Puts a request into the log and resolves with what applying it came to.
   *
   * @throws {RpcError} if the request is too large or too many wait, if it takes
   * too long (it may then still be applied), or if applying it was refused.
   */
  async propose(
    kind: CommandKind,
    payload: Uint8Array,
  ): Promise<Exclude<ApplyResult, { type: "refused" }>> {
    if (payload.length > REQUEST_BYTES_MAX) {
      throw etcdError("REQUEST_TOO_LARGE");
    }
    const { node } = this.#options;
    if (node.applyGap > APPLY_GAP_MAX) {
      throw etcdError("TOO_MANY_REQUESTS");
    }
    const requestId = this.#nextRequestId;
    this.#nextRequestId += 1;
    const proposal = node.propose(encodeCommand({
      kind,
      requestId,
      stampMs: this.#nextStamp(),
      // Nobody has to say who they are until there is authentication.
      authRevision: 0,
      user: "",
      payload,
    }));
    const { result }: Applied<ApplyResult> = await this.#deadlines.guard(proposal);
    if (result.type === "refused") {
      throw etcdError(result.code);
    }
    return result;
  }

  /** Resolves once a read of the state shows everything that was acknowledged before. */
  async readBarrier(): Promise<void> {
    await this.#deadlines.guard(this.#options.node.readBarrier());
  }

  close(): void {
    this.#deadlines.close();
  }

  #nextStamp(): number {
    const { state, clock } = this.#options;
    const previous = Math.max(this.#stampMs, state.position.stampMs);
    const bound = previous === 0 ? Infinity : previous + FORWARD_JUMP_MAX_MS;
    this.#stampMs = Math.max(previous, Math.min(clock.now(), bound));
    return this.#stampMs;
  }
}
