/**
 * How members reach each other: the `Transport` interface, a network in memory,
 * and the frames that peers exchange.
 *
 * `MemoryNetwork` joins members of one process, for tests, simulations and
 * groups that live in one process. It can lose, double and delay messages and be
 * cut in parts, the same way each time it is replayed.
 *
 * ```ts
 * import { membershipOf, systemClock } from "kvorum/raft";
 * import { MemoryNetwork } from "kvorum/transport";
 *
 * const network = new MemoryNetwork({ clock: systemClock() });
 * const [a, b] = [network.transport("a"), network.transport("b")];
 * const whole = Promise.withResolvers<number>();
 * a.start({ onMessage() {}, onUnreachable() {}, onSnapshot() {} });
 * b.start({
 *   onMessage({ type, from }) {
 *     console.log(`${type} from ${from}`); // heartbeat from a
 *   },
 *   onUnreachable() {},
 *   async onSnapshot({ chunks }) {
 *     let bytes = 0;
 *     for await (const chunk of chunks) {
 *       bytes += chunk.length;
 *     }
 *     whole.resolve(bytes);
 *   },
 * });
 *
 * a.send([{ type: "heartbeat", from: "a", to: "b", term: 1, commit: 0, round: 1 }]);
 * const snapshot = { last: { term: 1, index: 7 }, membership: membershipOf(["a", "b"]) };
 * const sink = await a.openSnapshot("b", snapshot);
 * await sink.write(new Uint8Array(1000));
 * await sink.finish();
 * console.log(await whole.promise); // 1000
 * ```
 *
 * `FrameCodec` turns messages into MessagePack frames and back. It trusts no
 * byte: what it returns are whole and valid messages, all else is a `FrameError`.
 *
 * ```ts
 * import { FrameCodec, FrameVersionError } from "kvorum/transport";
 *
 * const codec = new FrameCodec();
 * const bytes = codec.encode({
 *   group: 0,
 *   from: "a",
 *   to: "b",
 *   messages: [{ type: "heartbeat", from: "a", to: "b", term: 5, commit: 10, round: 2 }],
 * });
 * console.log(bytes.length); // 13
 * console.log(codec.decode(bytes).messages[0]?.type); // heartbeat
 * try {
 *   codec.decode(Uint8Array.of(0x95, 2));
 * } catch (error) {
 *   console.log(error instanceof FrameVersionError && error.version); // 2
 * }
 * ```
 *
 * What it leaves to you: sockets, and knowing who is at the other end of one. A
 * transport of your own can be tried with `transportCases` of `kvorum/testing`.
 * This module runs in a browser.
 *
 * @module
 */
export {
  FrameError,
  FrameTooLargeError,
  FrameVersionError,
  MessageTypeError,
  SnapshotStreamError,
} from "./errors.ts";
export {
  type Frame,
  FRAME_BYTES_MAX_DEFAULT,
  FRAME_VERSION,
  FrameCodec,
  type FrameCodecOptions,
} from "./frame_codec.ts";
export type { LinkFaults } from "./link_faults.ts";
export { MemoryNetwork, type MemoryNetworkOptions, type NetworkCounts } from "./memory_network.ts";
export type { Route } from "./message_formats.ts";
export { batchesOf, messageBytesMax } from "./message_size.ts";
export type { IncomingSnapshot, SnapshotSink, Transport, TransportHandlers } from "../raft/mod.ts";
