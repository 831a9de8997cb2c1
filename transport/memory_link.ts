import type { Message, NodeId } from "../raft/mod.ts";
import { messageBytesMax } from "./message_size.ts";

/** Messages that go from one member to another together. */
export interface Packet {
  readonly messages: readonly Message[];
  readonly sizeBytes: number;
}

/** What is on its way from one member to another, within a bound. */
export class MemoryLink {
  readonly to: NodeId;
  readonly #bytesMax: number;
  #gathered: Message[] = [];
  #gatheredBytes = 0;
  /** Bytes gathered, and in packets that have not arrived. Invariant: at most the bound, or one message. */
  #bytes = 0;

  constructor(to: NodeId, bytesMax: number) {
    this.to = to;
    this.#bytesMax = bytesMax;
  }

  /** Takes a message, unless too much is on the way. */
  maybeGather(message: Message): boolean {
    const sizeBytes = messageBytesMax(message);
    if (this.#bytes > 0 && this.#bytes + sizeBytes > this.#bytesMax) {
      return false;
    }
    this.#gathered.push(message);
    this.#gatheredBytes += sizeBytes;
    this.#bytes += sizeBytes;
    return true;
  }

  /** All that was gathered, as one packet or as one for each message, to be dealt with on its own. */
  takePackets({ isEachAlone }: { readonly isEachAlone: boolean }): Packet[] {
    const messages = this.#gathered;
    const sizeBytes = this.#gatheredBytes;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    if (isEachAlone) {
      return messages.map((message) => ({
        messages: [message],
        sizeBytes: messageBytesMax(message),
      }));
    }
    return messages.length === 0 ? [] : [{ messages, sizeBytes }];
  }

  /** The packet is no longer on the way: it arrived, or never will. */
  release({ sizeBytes }: Packet): void {
    this.#bytes -= sizeBytes;
  }
}
