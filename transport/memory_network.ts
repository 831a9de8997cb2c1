import { type Clock, invariant, type NodeId, type Random, type Transport } from "../raft/mod.ts";
import { Cuts } from "./cuts.ts";
import { FrameTooLargeError } from "./errors.ts";
import { type Frame, FrameCodec } from "./frame_codec.ts";
import { FaultDice, type LinkFaults } from "./link_faults.ts";
import type { Packet } from "./memory_link.ts";
import { type MemoryFabric, MemoryTransport } from "./memory_transport.ts";
import type { Route } from "./message_formats.ts";
import { batchesOf } from "./message_size.ts";

/** What a network in memory is made from. */
export interface MemoryNetworkOptions {
  /** When things arrive: at the end of the turn, or by its timers where there is a delay. */
  readonly clock: Clock;
  /** Chance for the faults. Default: none, and then no faults may be set. */
  readonly random?: Random;
  /** What goes wrong from the start. Default: nothing. */
  readonly faults?: LinkFaults;
  /**
   * Whether messages cross as encoded frames, as between processes, rather than
   * as the objects that were sent. Default: no.
   */
  readonly encodesFrames?: boolean;
  /**
   * Bytes of messages that may be on the way from one member to another; what is
   * beyond is dropped. Default: 64 MiB, four times what Raft sends a follower
   * without an answer.
   */
  readonly queueBytesMax?: number;
  /** Bytes of a snapshot between sender and receiver. Default: 1 MiB, as much as one append. */
  readonly snapshotBufferBytesMax?: number;
}

/** What became of messages so far. One that was sent is counted once or more below. */
export interface NetworkCounts {
  readonly delivered: number;
  /** Lost by chance. */
  readonly lost: number;
  /** Sent twice by chance; each copy is counted as well. */
  readonly duplicated: number;
  /** Held back for a while. */
  readonly delayed: number;
  /** Dropped, as their way was cut or nobody was at its end. */
  readonly unreachable: number;
  /** Dropped, as too many were on the way, or as too large for a frame. */
  readonly overflowed: number;
}

/** A packet that is ready to go, and can arrive more than once. */
interface Shipment {
  /** Messages in it. */
  readonly count: number;
  deliver(target: MemoryTransport): void;
}

/** Size of the frames that a turn's messages are parted into. */
const FRAME_BYTES = 1 << 20;

/**
 * A network within the process: for tests, simulations, and groups that live in
 * one process. It can lose, double and delay messages, and be cut in parts.
 *
 * Messages arrive in the order in which they were sent, at the end of the turn,
 * unless faults are set. The same clock, chance and calls give the same
 * deliveries, so a run can be replayed.
 */
export class MemoryNetwork {
  readonly #clock: Clock;
  readonly #random: Random | null;
  readonly #codec: FrameCodec | null;
  readonly #fabric: MemoryFabric;
  /** Transports that are open, by member. */
  readonly #members = new Map<NodeId, MemoryTransport>();
  readonly #cuts = new Cuts();
  #dice: FaultDice;
  readonly #counts = {
    delivered: 0,
    lost: 0,
    duplicated: 0,
    delayed: 0,
    unreachable: 0,
    overflowed: 0,
  };

  constructor(options: MemoryNetworkOptions) {
    this.#clock = options.clock;
    this.#random = options.random ?? null;
    this.#codec = options.encodesFrames === true ? new FrameCodec() : null;
    this.#dice = new FaultDice(options.faults ?? {}, this.#random);
    this.#fabric = this.#makeFabric(options);
  }

  /**
   * A transport for one life of a member. `close` it before the member's next
   * one is started; all that `close` does happens within the call, so it serves
   * as a crash too.
   */
  transport(id: NodeId): Transport {
    return new MemoryTransport(id, this.#fabric);
  }

  /** What goes wrong from now on. What is on the way already arrives as was decided. */
  setFaults(faults: LinkFaults): void {
    this.#dice = new FaultDice(faults, this.#random);
  }

  /**
   * Cuts all ways between members of different groups, beside those that are
   * cut. What is on its way is lost, streams fail. Members that are in no group
   * still reach all.
   */
  partition(...groups: readonly (readonly NodeId[])[]): void {
    this.#cuts.partition(groups);
    this.#failCutStreams();
  }

  /** Cuts one way; the way back stays. Streams need both, so they fail. */
  cut(route: Route): void {
    this.#cuts.add(route);
    this.#failCutStreams();
  }

  /** Restores all ways. Streams that failed stay so. */
  heal(): void {
    this.#cuts.heal();
  }

  /** What became of messages so far. */
  get counts(): NetworkCounts {
    return { ...this.#counts };
  }

  #makeFabric(
    { queueBytesMax = 64 << 20, snapshotBufferBytesMax = 1 << 20 }: MemoryNetworkOptions,
  ): MemoryFabric {
    return {
      clock: this.#clock,
      queueBytesMax,
      snapshotBufferBytesMax,
      join: (transport) => {
        invariant(!this.#members.has(transport.id), "one open transport of a member", transport.id);
        this.#members.set(transport.id, transport);
      },
      leave: ({ id }) => void this.#members.delete(id),
      reachBothWays: (route) => this.#cuts.isBetween(route) ? null : this.#reach(route),
      hasFaults: () => this.#dice.hasFaults,
      carry: (route, packet, onArrived) => this.#carry(route, packet, onArrived),
      transit: () => new Promise((resolve) => this.#clock.defer(() => this.#afterDelay(resolve))),
      onOverflow: () => void (this.#counts.overflowed += 1),
    };
  }

  /** The open transport at the end of a way, `null` if it is cut or leads nowhere. */
  #reach(route: Route): MemoryTransport | null {
    const isAway = route.from !== route.to && !this.#cuts.has(route);
    return isAway ? this.#members.get(route.to) ?? null : null;
  }

  #carry(route: Route, packet: Packet, onArrived: (hasArrived: boolean) => void): void {
    const count = packet.messages.length;
    if (this.#reach(route) === null) {
      this.#counts.unreachable += count;
      onArrived(false);
      return;
    }
    if (this.#dice.isLost()) {
      this.#counts.lost += count;
      // Nobody learns of it.
      onArrived(true);
      return;
    }
    // Encoded now: what the sender does with its objects later must not matter.
    const shipment = this.#packed(route, packet);
    if (shipment.count === 0) {
      onArrived(false);
      return;
    }
    const copies = this.#dice.isDoubled() ? 2 : 1;
    this.#counts.duplicated += (copies - 1) * shipment.count;
    for (let copy = 0; copy < copies; copy += 1) {
      const isDelayed = this.#afterDelay(() => {
        const target = this.#reach(route);
        this.#counts[target === null ? "unreachable" : "delivered"] += shipment.count;
        onArrived(target !== null);
        if (target !== null) {
          shipment.deliver(target);
        }
      });
      this.#counts.delayed += isDelayed ? shipment.count : 0;
    }
  }

  /** Makes a packet ready to go, but for what is too large for a frame. */
  #packed(route: Route, { messages }: Packet): Shipment {
    const codec = this.#codec;
    if (codec === null) {
      return { count: messages.length, deliver: (target) => target.deliver(messages) };
    }
    let count = 0;
    const frames: Uint8Array[] = [];
    for (const batch of batchesOf(messages, FRAME_BYTES)) {
      const frame = encodedOrNull(codec, { group: 0, ...route, messages: batch });
      if (frame === null) {
        this.#counts.overflowed += batch.length;
      } else {
        count += batch.length;
        frames.push(frame);
      }
    }
    return {
      count,
      deliver: (target) => frames.forEach((frame) => target.deliver(codec.decode(frame).messages)),
    };
  }

  /** Calls back now or after a delay, which it draws; says whether there is one. */
  #afterDelay(callback: () => void): boolean {
    const delayMs = this.#dice.delayMs();
    if (delayMs > 0) {
      this.#clock.setTimer(delayMs, callback);
    } else {
      callback();
    }
    return delayMs > 0;
  }

  #failCutStreams(): void {
    for (const transport of this.#members.values()) {
      transport.failStreams((route) => this.#cuts.isBetween(route), "the way is cut");
    }
  }
}

/** The bytes of a frame, `null` if they are too many: then it is one message alone. */
function encodedOrNull(codec: FrameCodec, frame: Frame): Uint8Array | null {
  try {
    return codec.encode(frame);
  } catch (error) {
    if (error instanceof FrameTooLargeError) {
      return null;
    }
    throw error;
  }
}
