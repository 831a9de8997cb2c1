import type { NodeId } from "../../../raft/mod.ts";
import { StagedMember } from "./transport_member.ts";
import { watch } from "../call_outcome.ts";
import { demand } from "./transport_requirement.ts";
import type { TransportSuiteOptions, TransportTestbed } from "./transport_suite.ts";

/** Where one case of the suite is played: members, and time that passes. */
export class TransportStage {
  readonly #testbed: TransportTestbed;
  readonly #options: TransportSuiteOptions;
  readonly #members: StagedMember[] = [];
  #isInCall = false;

  constructor(testbed: TransportTestbed, options: TransportSuiteOptions) {
    this.#testbed = testbed;
    this.#options = options;
  }

  get queueBytesMax(): number {
    return this.#options.queueBytesMax;
  }

  get snapshotBufferBytesMax(): number {
    return this.#options.snapshotBufferBytesMax;
  }

  get messageDataBytesMax(): number {
    return this.#options.messageDataBytesMax ?? 1 << 20;
  }

  /** Opens and starts a member's transport. */
  async join(id: NodeId): Promise<StagedMember> {
    const member = await this.open(id);
    await member.start();
    return member;
  }

  /** Opens a member's transport, which is yet to be started. */
  async open(id: NodeId): Promise<StagedMember> {
    const member = new StagedMember(id, await this.#testbed.open(id), this);
    this.#members.push(member);
    return member;
  }

  /** Lets time pass until the condition holds. */
  async until(condition: () => boolean, what: string): Promise<void> {
    await this.repeatUntil(() => {}, condition, what);
  }

  /** Does something again and again, with time between, until the condition holds. */
  async repeatUntil(act: () => void, condition: () => boolean, what: string): Promise<void> {
    const { passesMax = 500 } = this.#options;
    for (let pass = 0; pass < passesMax && !condition(); pass += 1) {
      act();
      await this.#testbed.pass();
    }
    demand(condition(), `${what}: not within ${passesMax} passes`);
  }

  /** Lets so much time pass that what has not happened counts as not happening. */
  async quiet(): Promise<void> {
    const { quietPasses = 20 } = this.#options;
    for (let pass = 0; pass < quietPasses; pass += 1) {
      await this.#testbed.pass();
    }
  }

  /** Lets time pass until a promise is settled. */
  async settled(promise: Promise<unknown>, what: string): Promise<"resolved" | "rejected"> {
    const outcome = watch(promise);
    await this.until(() => outcome.state !== "pending", what);
    return outcome.state === "rejected" ? "rejected" : "resolved";
  }

  async resolves(promise: Promise<unknown>, what: string): Promise<void> {
    demand(await this.settled(promise, what) === "resolved", `${what}: it rejects`);
  }

  async rejects(promise: Promise<unknown>, what: string): Promise<void> {
    demand(await this.settled(promise, what) === "rejected", `${what}: it resolves`);
  }

  async cut(one: NodeId, other: NodeId): Promise<void> {
    await this.#testbed.cut?.(one, other);
  }

  async heal(): Promise<void> {
    await this.#testbed.heal?.();
  }

  /** Whether a method of a transport is on the stack. */
  get isInCall(): boolean {
    return this.#isInCall;
  }

  /** Calls a method of a transport. */
  call<T>(method: () => T): T {
    this.#isInCall = true;
    try {
      return method();
    } finally {
      this.#isInCall = false;
    }
  }

  /** Ends the case. What a transport does when it is closed twice is a case of its own. */
  async close(): Promise<void> {
    for (const member of this.#members.filter(({ isClosed }) => !isClosed)) {
      await this.settled(member.close(), `${member.id} closes`);
    }
    await this.#testbed.close();
  }
}
