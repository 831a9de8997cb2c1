import type { NodeId } from "./hard_state.ts";
import type { Message, SnapshotMeta } from "./message.ts";

/**
 * How the members of a group reach each other. Its one caller is `RaftNode`:
 * `start` first and once, then the others at any time, `close` last. A
 * transport serves one life of one member; a restart takes a new one.
 *
 * It owes very little: a message may be lost, doubled, delayed and overtaken,
 * and nobody is told. What arrives, though, is what was sent, it arrives at the
 * member that it is addressed to, and a message that is sent again and again to
 * a member that is there arrives at some time. A snapshot's stream owes more:
 * it is whole and in order, or it fails at both ends.
 *
 * Handlers are called on turns of their own: never from inside a call of the
 * transport's methods, never before `start` was called, never once `close` was.
 */
export interface Transport {
  /**
   * Begins to listen and to connect. The promise resolves once other members
   * can reach this one, and rejects if they never will (a port in use, say);
   * they themselves need not be there. Messages may be sent, and may come,
   * before that.
   */
  start(handlers: TransportHandlers): void | Promise<void>;

  /**
   * Sends messages to the members that they name in `to`; `from` is this
   * member, `to` another one. They come batch by batch: what one turn of the
   * event loop has to say.
   *
   * Never waits and never throws, whatever the network does. What waits for a
   * slow peer is bounded by an option of the implementation; what is beyond, and
   * what is for members unknown or out of reach, is dropped. So is a message
   * above the largest size that it takes, which must leave room for one append
   * (`appendBytesMax`) and for the largest single command. A heartbeat should not
   * wait behind bulk.
   *
   * Neither side changes a message or its bytes from here on: not the sender,
   * not the transport, which may hold them for as long as it likes, not the
   * receiver, which may do so too.
   */
  send(messages: readonly Message[]): void;

  /**
   * Opens a stream for the bytes of a snapshot, beside the messages: neither
   * delays the other. Several may be open at once, even to one member.
   *
   * Rejects if the member cannot be reached; an implementation that finds out
   * later fails the first call on the sink instead.
   */
  openSnapshot(to: NodeId, snapshot: SnapshotMeta): Promise<SnapshotSink>;

  /**
   * Ends all use: from the call on no handler is called, messages that wait are
   * dropped, streams fail at both ends, `send` does nothing, `openSnapshot`
   * rejects. Resolves when ports and sockets are released. May be called again,
   * and then does the same as the first call.
   */
  close(): Promise<void>;
}

/** Who is told what comes in. None of them throws, and none of them waits. */
export interface TransportHandlers {
  /**
   * A message has come. It was addressed to this member; whether its sender is
   * who it says is known only as far as the transport checks it.
   */
  onMessage(message: Message): void;

  /**
   * What was sent to a member was lost, or it would be if something were sent.
   * A hint, so that the leader asks before it sends more: it may be wrong, late
   * or missing for a single loss, but a member that is gone for good is reported
   * as long as there is something to send to it. At most once per member and turn.
   */
  onUnreachable(id: NodeId): void;

  /** Another member has opened a stream for a snapshot. */
  onSnapshot(incoming: IncomingSnapshot): void;
}

/**
 * The sender's end of a snapshot's stream. Its one caller has one `write` or
 * `finish` under way at a time. Once one of them has rejected, the stream is
 * over: every further call rejects too.
 */
export interface SnapshotSink {
  /**
   * Sends the next piece, of any length; an implementation cuts what is too
   * large for it. Resolves when there is room for another one: what lies between
   * the two ends is bounded by an option of the implementation, so that a
   * receiver that takes nothing holds the sender up. Nobody changes the bytes
   * from here on.
   */
  write(chunk: Uint8Array): Promise<void>;

  /**
   * Ends the stream. Resolves once the receiver has taken all of it; what it made of
   * it is told by Raft's own messages. Rejects if the receiver will not have all.
   */
  finish(): Promise<void>;

  /**
   * Gives up: the receiver's stream fails, and what is called here afterwards
   * rejects. Does nothing once the stream is over, be it finished or failed, and
   * never throws.
   */
  abort(reason: string): void;
}

/** The receiver's end of a snapshot's stream. */
export interface IncomingSnapshot {
  /** Who sends it, known as far as the transport checks it. */
  readonly from: NodeId;
  readonly snapshot: SnapshotMeta;

  /**
   * The bytes of the snapshot, in pieces that need not be those that were
   * written. To be read once, by one reader. Nobody changes them.
   *
   * It ends if the sender has finished, and only then; in every other case, such
   * as a connection that broke, reading throws. Leaving the loop early rejects
   * the snapshot.
   */
  readonly chunks: AsyncIterable<Uint8Array>;

  /**
   * Does not want it: the sender's calls reject, reading throws. A stream that
   * is neither read nor rejected holds memory at both ends. Does nothing once
   * the stream is over, and never throws.
   */
  reject(reason: string): void;
}
