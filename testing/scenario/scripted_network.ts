import type { Message, NodeId } from "../../raft/mod.ts";
import { matches, type MessageFilter } from "./message_filter.ts";

/** A network on which messages wait, in their order, until they are taken. */
export class ScriptedNetwork {
  /** Every message that was ever sent. */
  readonly sent: Message[] = [];
  #inFlight: Message[] = [];
  readonly #blocked = new Set<string>();
  #holds: { readonly filter: MessageFilter; readonly held: Message[] }[] = [];

  send(message: Message): void {
    this.sent.push(message);
    const hold = this.#holds.find(({ filter }) => matches(message, filter));
    (hold?.held ?? this.#inFlight).push(message);
  }

  isBlocked(from: NodeId, to: NodeId): boolean {
    return this.#blocked.has(`${from}>${to}`);
  }

  block(from: NodeId, to: NodeId): void {
    this.#blocked.add(`${from}>${to}`);
  }

  unblock(from: NodeId, to: NodeId): void {
    this.#blocked.delete(`${from}>${to}`);
  }

  /** Ends all blocks. */
  heal(): void {
    this.#blocked.clear();
  }

  /** Takes messages that are sent from now on away, into the list that it returns. */
  hold(filter: MessageFilter): Message[] {
    const held: Message[] = [];
    this.#holds.push({ filter, held });
    return held;
  }

  /** Ends all holding; what was held stays with who holds it. */
  stopHolding(): void {
    this.#holds = [];
  }

  /** How many such messages were ever sent. */
  countSent(filter: MessageFilter): number {
    return this.sent.filter((message) => matches(message, filter)).length;
  }

  /** What is on its way, and not held. */
  inFlight(filter: MessageFilter): Message[] {
    return this.#inFlight.filter((message) => matches(message, filter));
  }

  /** Takes the oldest message off its way. Whether it arrives is to be asked of `isBlocked`. */
  takeNext(): Message | undefined {
    return this.#inFlight.shift();
  }

  /** Takes all messages that match off their way. */
  takeAll(filter: MessageFilter): Message[] {
    const taken = this.inFlight(filter);
    this.#inFlight = this.#inFlight.filter((message) => !taken.includes(message));
    return taken;
  }
}
