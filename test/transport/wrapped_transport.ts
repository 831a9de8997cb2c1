import type {
  IncomingSnapshot,
  NodeId,
  SnapshotSink,
  Transport,
  TransportHandlers,
} from "../../raft/mod.ts";

/** A transport that does what another one does, to be changed in parts. */
export function delegate(transport: Transport): Transport {
  return {
    start: (handlers) => transport.start(handlers),
    send: (messages) => transport.send(messages),
    openSnapshot: (to, snapshot) => transport.openSnapshot(to, snapshot),
    close: () => transport.close(),
  };
}

/** Sends in another way. */
export function withSend(transport: Transport, send: Transport["send"]): Transport {
  return { ...delegate(transport), send };
}

/** Tells the member other things. */
export function withHandlers(
  transport: Transport,
  wrap: (handlers: TransportHandlers) => TransportHandlers,
): Transport {
  return {
    ...delegate(transport),
    start: (handlers) =>
      transport.start(wrap({
        onMessage: (message) => handlers.onMessage(message),
        onUnreachable: (id) => handlers.onUnreachable(id),
        onSnapshot: (incoming) => handlers.onSnapshot(incoming),
      })),
  };
}

/** Changes the receiving end of snapshots. */
export function withIncoming(
  transport: Transport,
  wrap: (incoming: IncomingSnapshot) => IncomingSnapshot,
): Transport {
  return withHandlers(transport, (handlers) => ({
    ...handlers,
    onSnapshot: (incoming) => handlers.onSnapshot(wrap(incoming)),
  }));
}

/** Changes what is read of snapshots. */
export function withChunks(
  transport: Transport,
  wrap: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): Transport {
  return withIncoming(transport, (incoming) => ({
    ...shared(incoming),
    chunks: wrap(incoming.chunks),
  }));
}

/** Changes the sending end of snapshots. */
export function withSink(
  transport: Transport,
  wrap: (sink: SnapshotSink, to: NodeId) => SnapshotSink,
): Transport {
  return {
    ...delegate(transport),
    openSnapshot: async (to, snapshot) => wrap(await transport.openSnapshot(to, snapshot), to),
  };
}

/** The members of an end of a stream, for one that differs in some. */
export function shared<End extends SnapshotSink | IncomingSnapshot>(end: End): End {
  return { ...end };
}
