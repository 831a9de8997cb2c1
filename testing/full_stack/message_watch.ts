import type { Message } from "../../raft/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import { describeMessage } from "../simulation/describe_message.ts";
import { pointOfMessage } from "../simulation/reached_crash_points.ts";
import { traceMessage } from "../simulation/trace_message.ts";
import type { FailureWatch } from "./failure_watch.ts";
import type { FullStackMember } from "./full_stack_member.ts";
import type { FullStackWorld } from "./full_stack_world.ts";
import type { MessageListener } from "./gated_transport.ts";
import type { StatusWatch } from "./status_watch.ts";

/** What a watch needs of the simulation around it. */
export type MessageWorld = Pick<
  FullStackWorld,
  "executor" | "invariants" | "marks" | "note" | "numberOf" | "crashesAt" | "detains" | "refuses"
>;

export interface MessageWatchOptions {
  readonly random: SeededRandom;
  readonly status: Pick<StatusWatch, "poll">;
  readonly failures: Pick<FailureWatch, "onSending">;
  /** Crashes the member at the end of the turn, when the network has what was sent. */
  readonly crashOnceSent: () => void;
}

/** Follows what a member sends and receives, and lets go and come only what the world lets. */
export class MessageWatch implements MessageListener {
  readonly #member: FullStackMember;
  readonly #world: MessageWorld;
  readonly #options: MessageWatchOptions;

  constructor(member: FullStackMember, world: MessageWorld, options: MessageWatchOptions) {
    this.#member = member;
    this.#world = world;
    this.#options = options;
  }

  onSending(messages: readonly Message[]): readonly Message[] {
    const member = this.#member;
    const world = this.#world;
    const { random, status, failures, crashOnceSent } = this.#options;
    failures.onSending();
    status.poll();
    for (const message of messages) {
      world.note(() => `  ${member.id} sends ${describeMessage(message)}`);
      world.invariants.onSending(member, message);
    }
    if (!member.isRunning) {
      return [];
    }
    const leaving = messages.filter((message) => !world.detains(member, message));
    if (world.crashesAt(member, "between effects")) {
      crashOnceSent();
      return leaving.slice(0, random.between(0, leaving.length));
    }
    return leaving;
  }

  onSent(messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.type === "snapshotOffer") {
        this.#world.marks.hit("snapshot sent");
      }
      const point = pointOfMessage(message);
      if (point !== null && this.#world.crashesAt(this.#member, point)) {
        this.#options.crashOnceSent();
      }
    }
  }

  onReceiving(message: Message): boolean {
    const member = this.#member;
    const world = this.#world;
    traceMessage(world.executor.trace, message, {
      from: world.numberOf(message.from),
      to: member.number,
    });
    world.note(() => `${member.id} receives ${describeMessage(message)}`);
    world.invariants.onReceiving(member, message);
    return !world.refuses(message.from, member);
  }

  noteStream(what: string): void {
    this.#world.note(() => `${this.#member.id} ${what}`);
  }
}
