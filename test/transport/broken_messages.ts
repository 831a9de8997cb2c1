import type { Message, NodeId, TransportHandlers } from "../../raft/mod.ts";
import type { BrokenTransport } from "./broken_transport.ts";
import { delegate, withHandlers, withSend } from "./wrapped_transport.ts";

const KINDS: readonly Message["type"][] = [
  "voteRequest",
  "voteResponse",
  "appendRequest",
  "appendAccepted",
  "appendRejected",
  "heartbeat",
  "heartbeatResponse",
  "timeoutNow",
  "proposalForward",
  "proposalsAccepted",
  "proposalsRefused",
  "readForward",
  "readsConfirmed",
  "snapshotOffer",
];

/** Transports that treat messages, or members that come and go, wrongly. */
export const BROKEN_MESSAGES: readonly BrokenTransport[] = [
  ...KINDS.map((kind): BrokenTransport => ({
    what: `changes the term of each ${kind}`,
    breaks: "a message of each kind arrives as it was sent",
    breakIt: (transport) =>
      withSend(transport, (messages) =>
        transport.send(
          messages.map((message) => message.type === kind ? { ...message, term: 99 } : message),
        )),
  })),
  {
    what: "never delivers a timeoutNow",
    breaks: "a message of each kind arrives as it was sent",
    breakIt: (transport) =>
      withSend(
        transport,
        (messages) => transport.send(messages.filter(({ type }) => type !== "timeoutNow")),
      ),
  },
  {
    what: "drops what is above 100 KiB",
    breaks: "a message of the largest size arrives as it was sent",
    breakIt: (transport) =>
      withSend(
        transport,
        (messages) => transport.send(messages.filter((message) => dataBytes(message) <= 100 << 10)),
      ),
  },
  {
    what: "throws for what is above 8 MiB",
    breaks: "a message above the largest size does no harm",
    breakIt: (transport) =>
      withSend(transport, (messages) => {
        if (messages.some((message) => dataBytes(message) > 8 << 20)) {
          throw new RangeError("Message too large");
        }
        transport.send(messages);
      }),
  },
  {
    what: "is silent for ever once something was above 8 MiB",
    breaks: "a message above the largest size does no harm",
    breakIt: (transport) => {
      let isSilent = false;
      return withSend(transport, (messages) => {
        isSilent ||= messages.some((message) => dataBytes(message) > 8 << 20);
        if (!isSilent) {
          transport.send(messages);
        }
      });
    },
  },
  {
    what: "tells within start what has come before",
    breaks: "no handler is called before start has returned",
    breakIt: (transport, { id, world }) => ({
      ...delegate(transport),
      start(handlers) {
        const started = transport.start(handlers);
        const early = world.early.get(id) ?? [];
        world.early.delete(id);
        early.forEach((message) => handlers.onMessage(message));
        return started;
      },
      send(messages) {
        for (const message of messages) {
          if (!world.open.has(message.to) && (world.lives.get(message.to) ?? 0) === 1) {
            world.early.set(message.to, [...(world.early.get(message.to) ?? []), message]);
          }
        }
        transport.send(messages);
      },
    }),
  },
  {
    what: "reports a member for each message that did not come through",
    breaks: "a member that is gone is reported once in a turn, however much was sent",
    breakIt: (transport) =>
      withHandlers(transport, (handlers) => ({
        ...handlers,
        onUnreachable(id) {
          handlers.onUnreachable(id);
          handlers.onUnreachable(id);
        },
      })),
  },
  {
    what: "cuts data off at 64 KiB",
    breaks: "a message of the largest size arrives as it was sent",
    breakIt: (transport) =>
      withSend(
        transport,
        (messages) =>
          transport.send(messages.map((message) =>
            message.type === "appendRequest"
              ? {
                ...message,
                entries: message.entries.map((entry) => ({
                  ...entry,
                  data: entry.data.subarray(0, 64 << 10),
                })),
              }
              : message
          )),
      ),
  },
  {
    what: "sends the first message of a batch alone",
    breaks: "each message of a batch can arrive",
    breakIt: (transport) => withSend(transport, (messages) => transport.send(messages.slice(0, 1))),
  },
  {
    what: "tells everybody everything",
    breaks: "a message arrives at the member that it is addressed to and at no other",
    breakIt: (transport, { id, world }) =>
      withSend(transport, (messages) => {
        transport.send(messages);
        world.clock.defer(() =>
          world.open.forEach((handlers, other) =>
            messages.filter(({ to }) => to !== other && other !== id).forEach(handlers.onMessage)
          )
        );
      }),
  },
  {
    what: "receives into one buffer",
    breaks: "what was delivered is not changed afterwards",
    breakIt(transport) {
      let last: Uint8Array | undefined;
      return withHandlers(transport, (handlers) => ({
        ...handlers,
        onMessage(message) {
          last?.fill(0);
          if (message.type === "appendRequest" && message.entries[0] !== undefined) {
            const [entry] = message.entries;
            last = entry.data.slice();
            handlers.onMessage({
              ...message,
              entries: [{ ...entry, data: last }, ...message.entries.slice(1)],
            });
          } else {
            handlers.onMessage(message);
          }
        },
      }));
    },
  },
  {
    what: "delivers within send",
    breaks: "handlers are called on turns of their own",
    breakIt: (transport, { id, world }) =>
      withSend(transport, (messages) =>
        messages.forEach((message) => {
          const target = world.open.get(message.to);
          // How much may wait, and what a cut does, are other requirements.
          const isOther = dataBytes(message) > 1_000 || world.cuts > 0 || !world.open.has(id);
          if (target === undefined || isOther) {
            transport.send([message]);
          } else {
            target.onMessage(message);
          }
        })),
  },
  {
    what: "reports who is gone within send",
    breaks: "handlers are called on turns of their own",
    breakIt(transport, { world }) {
      let handlers: TransportHandlers | null = null;
      return {
        ...withHandlers(transport, (given) => handlers = given),
        send(messages) {
          transport.send(messages);
          const gone = messages.map(({ to }) => to)
            .filter((to) => world.lives.has(to) && !world.open.has(to));
          new Set(gone).forEach((to) => handlers?.onUnreachable(to));
        },
        close() {
          handlers = null;
          return transport.close();
        },
      };
    },
  },
  {
    what: "throws for strangers",
    breaks: "a message to a member that nobody knows does no harm",
    breakIt: (transport, { world }) =>
      withSend(transport, (messages) => {
        if (messages.some(({ to }) => !world.lives.has(to))) {
          throw new Error("no such member");
        }
        transport.send(messages);
      }),
  },
  {
    what: "falls silent after a message to a stranger",
    breaks: "a message to a member that nobody knows does no harm",
    breakIt(transport, { world }) {
      let isSilent = false;
      return withSend(transport, (messages) => {
        isSilent ||= messages.some(({ to }) => !world.lives.has(to));
        if (!isSilent) {
          transport.send(messages);
        }
      });
    },
  },
  {
    what: "hears after close",
    breaks: "no handler is called once close was",
    breakIt(transport, { world }) {
      let handlers: TransportHandlers | null = null;
      let last: Message | null = null;
      return {
        ...withHandlers(transport, (given) => {
          handlers = given;
          return {
            ...given,
            onMessage(message) {
              last = message;
              given.onMessage(message);
            },
          };
        }),
        close() {
          world.clock.defer(() => last === null ? undefined : handlers?.onMessage(last));
          return transport.close();
        },
      };
    },
  },
  {
    what: "reports who is unreachable after close",
    breaks: "no handler is called once close was",
    breakIt(transport, { world }) {
      let handlers: TransportHandlers | null = null;
      return {
        ...delegate(transport),
        start(given) {
          handlers = given;
          return transport.start(given);
        },
        close() {
          world.clock.setTimer(5, () => handlers?.onUnreachable("nobody"));
          return transport.close();
        },
      };
    },
  },
  {
    what: "sends after close",
    breaks: "send does nothing once close was called",
    breakIt(transport, { world }) {
      let isClosed = false;
      return {
        ...delegate(transport),
        send(messages) {
          if (!isClosed) {
            transport.send(messages);
          } else {
            world.clock.defer(() =>
              messages.forEach((message) => world.open.get(message.to)?.onMessage(message))
            );
          }
        },
        close() {
          isClosed = true;
          return transport.close();
        },
      };
    },
  },
  {
    what: "throws when something is sent after close",
    breaks: "send does nothing once close was called",
    breakIt(transport) {
      let isClosed = false;
      return {
        ...delegate(transport),
        send(messages) {
          if (isClosed) {
            throw new Error("closed");
          }
          transport.send(messages);
        },
        close() {
          isClosed = true;
          return transport.close();
        },
      };
    },
  },
  {
    what: "rejects when it is closed twice",
    breaks: "close may be called twice",
    breakIt(transport) {
      let isClosed = false;
      return {
        ...delegate(transport),
        close() {
          if (isClosed) {
            return Promise.reject(new Error("closed already"));
          }
          isClosed = true;
          return transport.close();
        },
      };
    },
  },
  {
    what: "never reports members that are gone",
    breaks: "a member that is gone is reported as unreachable",
    breakIt: (transport, { world }) =>
      withHandlers(transport, (handlers) => ({
        ...handlers,
        onUnreachable(id) {
          if (world.open.has(id)) {
            handlers.onUnreachable(id);
          }
        },
      })),
  },
  {
    what: "is mute in its second life",
    breaks: "a member that comes back is heard",
    breakIt: (transport, { id, world }) =>
      (world.lives.get(id) ?? 0) > 1 ? withSend(transport, () => {}) : transport,
  },
  {
    what: "is deaf in its second life",
    breaks: "a member that comes back is reached",
    breakIt: (transport, { id, world }) =>
      (world.lives.get(id) ?? 0) > 1
        ? withHandlers(transport, (handlers) => ({ ...handlers, onMessage() {} }))
        : transport,
  },
  {
    what: "reports only members that have closed",
    breaks: "a member that is cut off is reported as unreachable",
    breakIt: (transport, { world }) =>
      withHandlers(transport, (handlers) => ({
        ...handlers,
        onUnreachable(id) {
          if (!world.open.has(id)) {
            handlers.onUnreachable(id);
          }
        },
      })),
  },
  {
    what: "gives up on who was out of reach",
    breaks: "messages arrive again once a cut is healed",
    breakIt(transport, { world }) {
      const lost = new Set<NodeId>();
      return {
        ...withHandlers(transport, (handlers) => ({
          ...handlers,
          onUnreachable(id) {
            if (world.cuts > 0) {
              lost.add(id);
            }
            handlers.onUnreachable(id);
          },
        })),
        send: (messages) => transport.send(messages.filter(({ to }) => !lost.has(to))),
      };
    },
  },
];

function dataBytes(message: Message): number {
  return message.type === "appendRequest"
    ? message.entries.reduce((sum, { data }) => sum + data.length, 0)
    : 0;
}
