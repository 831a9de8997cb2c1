import type { Clock, Message, NodeId, Transport, TransportHandlers } from "../../raft/mod.ts";

/** What a broken transport may know of its network. */
export interface World {
  readonly clock: Clock;
  /** Members that are open, with their handlers. */
  readonly open: Map<NodeId, TransportHandlers>;
  /** How often each member was opened. */
  readonly lives: Map<NodeId, number>;
  cuts: number;
  /** Messages to members that were not there yet, by member. */
  readonly early: Map<NodeId, Message[]>;
}

/** Makes a transport that breaks one requirement out of one that breaks none. */
export type Break = (
  transport: Transport,
  place: { readonly id: NodeId; readonly world: World },
) => Transport;

/** A way to be wrong, and the one requirement that it breaks. */
export interface BrokenTransport {
  readonly what: string;
  readonly breaks: string;
  readonly breakIt: Break;
}
