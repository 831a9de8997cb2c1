import {
  MemberStoppedError,
  type Outcome,
  ProposalDroppedError,
  ProposalUnknownError,
  ReadDroppedError,
} from "../../raft/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import type { ClientWorld, SimulatedClient } from "./application.ts";
import type { ClientHistory, RecordedRequest } from "./client_history.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import { MemberGoneError } from "./member_gone_error.ts";
import { encodeRegisterCommand, type RegisterOperation } from "./register_command.ts";
import type { RegisterMachine } from "./register_machine.ts";
import type { RegisterResult } from "./register_state.ts";

/** How a client asks. */
export interface AttemptOptions {
  /** Answered when the command is applied, or when it is committed. */
  readonly ack: "applied" | "committed";
  /** Gives up after so long, `null` for never. */
  readonly timeoutUs: number | null;
}

/** What a client is made from, beside the world that it lives in. */
export interface RegisterClientOptions {
  readonly history: ClientHistory;
  readonly random: SeededRandom;
  /** Names its session. */
  readonly number: number;
}

/**
 * A client with a session: it asks for one thing at a time, and what it asks
 * for again, as it does not know what became of it, takes effect once.
 */
export class RegisterClient implements SimulatedClient<RegisterMachine> {
  readonly #world: ClientWorld<RegisterMachine>;
  readonly #history: ClientHistory;
  readonly #random: SeededRandom;
  readonly #number: number;
  #sequence = 0;

  constructor(
    world: ClientWorld<RegisterMachine>,
    { history, random, number }: RegisterClientOptions,
  ) {
    this.#world = world;
    this.#history = history;
    this.#random = random;
    this.#number = number;
  }

  /** Asks now and then, until the faults end. */
  async run(meanUs: number): Promise<void> {
    const world = this.#world;
    for (;;) {
      await world.executor.sleep(this.#random.around(meanUs));
      if (world.isHealing) {
        return;
      }
      const member = this.#choose();
      if (this.#random.chance(world.configuration.reads)) {
        await this.read(member, this.#timeoutUs());
      } else {
        await this.command(member);
      }
    }
  }

  /** Reads a register. Returns whether it was served. */
  async read(member: FullStackMember<RegisterMachine>, timeoutUs: number | null): Promise<boolean> {
    const { invariants, marks, configuration } = this.#world;
    const register = this.#random.below(configuration.registers);
    const request = this.#history.begin({ client: this.#number, operation: "read", register });
    request.member = member.id;
    const id = this.#world.takeId();
    invariants.onReadBegun(id);
    const status = member.node?.status();
    if (status?.role === "leader" && member.log.termAt(status.committedIndex) !== status.term) {
      marks.hit("read waited for the no-op");
    }
    try {
      const { confirmed, index, value } = await member.request(async (node, machine) => {
        const confirmed = await node.readBarrier(this.#giveUpAfter(timeoutUs));
        const { state } = machine;
        return { confirmed, index: state.appliedIndex, value: state.read(register) };
      });
      marks.hit("read confirmed");
      if (member.node?.status().role !== "leader") {
        marks.hit("read forwarded");
      }
      invariants.onReadServed(id, confirmed, index);
      this.#history.finish(request, { index, previous: null, value });
      this.#world.onServed();
      return true;
    } catch (error) {
      assertExpected(error);
      marks.hit("read dropped");
      invariants.onReadDropped(id);
      this.#history.giveUp(request, "dropped");
      return false;
    }
  }

  /** Has a command executed, trying again as often as it likes. Returns whether it was answered. */
  async command(member: FullStackMember<RegisterMachine>): Promise<boolean> {
    const { configuration, diskMarks } = this.#world;
    const operation = this.#random.pick<RegisterOperation>(["write", "swap", "claim"]);
    const register = this.#random.below(configuration.registers);
    const request = this.#history.begin({ client: this.#number, operation, register });
    this.#sequence += 1;
    let target = member;
    let isUnknown = false;
    for (;;) {
      const outcome = await this.#attempt(request, target, {
        ack: this.#random.chance(0.2) ? "committed" : "applied",
        timeoutUs: this.#timeoutUs(),
      });
      if (outcome === "done") {
        return true;
      }
      isUnknown ||= outcome === "unknown";
      if (this.#random.chance(0.4) || this.#world.isHealing) {
        this.#history.giveUp(request, isUnknown ? "unknown" : "dropped");
        return false;
      }
      diskMarks.hit("request tried again");
      await this.#world.executor.sleep(this.#random.around(this.#world.electionUs / 4));
      target = this.#choose();
    }
  }

  async #attempt(
    request: RecordedRequest,
    member: FullStackMember<RegisterMachine>,
    { ack, timeoutUs }: AttemptOptions,
  ): Promise<"done" | "dropped" | "unknown"> {
    const { invariants, marks, configuration } = this.#world;
    const { operation, register } = request;
    const id = this.#world.takeId();
    request.attempts.push(id);
    request.member = member.id;
    this.#world.note(() => `client ${this.#number} asks ${member.id} for command ${id}`);
    const command = encodeRegisterCommand(
      {
        id,
        operation: operation as RegisterOperation,
        register,
        client: this.#number,
        sequence: this.#sequence,
      },
      this.#random.below(configuration.commandBytesMax + 1),
    );
    try {
      const outcome = await member.request((node) =>
        node.propose(command, { ack, ...this.#giveUpAfter(timeoutUs) })
      );
      invariants.onAcknowledged(id, outcome.index);
      this.#finish(request, outcome as Outcome<RegisterResult | null>);
      this.#world.onAcknowledged();
      member.onAcknowledged();
      return "done";
    } catch (error) {
      this.#world.note(() => `client ${this.#number}, command ${id} at ${member.id}: ${error}`);
      if (isDropped(error)) {
        marks.hit("proposal dropped");
        if (error instanceof ProposalDroppedError) {
          if (error.reason === "superseded") {
            marks.hit("proposal overwritten");
          } else if (error.reason === "uncommittedLimit") {
            marks.hit("proposal over the limit");
          }
        }
        invariants.onDropped(id);
        return "dropped";
      }
      assertExpected(error);
      marks.hit("proposal unknown");
      return "unknown";
    }
  }

  #finish(request: RecordedRequest, { index, result }: Outcome<RegisterResult | null>): void {
    const { diskMarks } = this.#world;
    if (result === undefined || result === null) {
      // Committed is all that is known; an earlier attempt may have been the one that counts.
      const isSure = request.attempts.length === 1;
      this.#history.finish(request, { index: isSure ? index : null, previous: null, value: null });
      return;
    }
    if (result.index !== index) {
      diskMarks.hit("request took effect once");
    }
    this.#history.finish(request, result);
  }

  #choose(): FullStackMember<RegisterMachine> {
    const { leader, members, configuration } = this.#world;
    return leader !== undefined && this.#random.chance(configuration.loyalty)
      ? leader
      : this.#random.pick(members);
  }

  #timeoutUs(): number | null {
    if (this.#world.isHealing) {
      return this.#world.electionUs;
    }
    return this.#random.chance(0.7)
      ? this.#random.around(this.#random.pick([0.1, 1, 4]) * this.#world.electionUs)
      : null;
  }

  #giveUpAfter(timeoutUs: number | null): { readonly signal?: AbortSignal } {
    if (timeoutUs === null) {
      return {};
    }
    const controller = new AbortController();
    this.#world.executor.after(timeoutUs, () => controller.abort(new GaveUpError()));
    return { signal: controller.signal };
  }
}

/** The client waited long enough. */
class GaveUpError extends Error {
  readonly code = "GAVE_UP";
}

function isDropped(error: unknown): boolean {
  return error instanceof ProposalDroppedError ||
    (error instanceof MemberGoneError && !error.wasThere);
}

/** Rethrows what is no answer that a client must expect. */
function assertExpected(error: unknown): void {
  const isExpected = error instanceof MemberGoneError || error instanceof GaveUpError ||
    error instanceof ProposalUnknownError || error instanceof ReadDroppedError ||
    error instanceof MemberStoppedError;
  if (!isExpected) {
    throw error;
  }
}
