import type { Clock, SnapshotSink } from "../../raft/mod.ts";
import type { BrokenTransport } from "./broken_transport.ts";
import { delegate, shared, withChunks, withIncoming, withSink } from "./wrapped_transport.ts";

/** Transports that treat snapshots wrongly. */
export const BROKEN_SNAPSHOTS: readonly BrokenTransport[] = [
  {
    what: "swaps two chunks",
    breaks: "a snapshot arrives whole and in order",
    breakIt: (transport) => withChunks(transport, swapped),
  },
  {
    what: "loses a chunk",
    breaks: "a snapshot arrives whole and in order",
    breakIt: (transport) => withChunks(transport, withoutSecond),
  },
  {
    what: "does not tell who sends",
    breaks: "a snapshot comes with its description and its sender",
    breakIt: (transport) =>
      withIncoming(transport, (incoming) => ({ ...shared(incoming), from: "unknown" })),
  },
  {
    what: "forgets the learners",
    breaks: "a snapshot comes with its description and its sender",
    breakIt: (transport) =>
      withIncoming(transport, (incoming) => ({
        ...shared(incoming),
        snapshot: {
          ...incoming.snapshot,
          membership: { ...incoming.snapshot.membership, learners: [] },
        },
      })),
  },
  {
    what: "writes all snapshots into the first stream that is open",
    breaks: "two snapshots on the way do not mix",
    breakIt(transport) {
      const open: SnapshotSink[] = [];
      return withSink(transport, (sink) => {
        open.push(sink);
        return {
          write: (chunk) => (open[0] ?? sink).write(chunk),
          finish: () => {
            open.splice(open.indexOf(sink), 1);
            return sink.finish();
          },
          abort(reason) {
            if (open.includes(sink)) {
              open.splice(open.indexOf(sink), 1);
            }
            sink.abort(reason);
          },
        };
      });
    },
  },
  {
    what: "takes a pause for the end",
    breaks: "a snapshot does not end before its sender has finished",
    breakIt: (transport, { world }) =>
      withChunks(transport, (chunks) => untilPause(chunks, world.clock)),
  },
  {
    what: "finishes after a while, taken or not",
    breaks: "finish resolves once the receiver has taken everything, not before",
    breakIt: (transport, { world }) =>
      withSink(transport, (sink) => ({
        ...shared(sink),
        finish: () =>
          Promise.race([
            sink.finish(),
            new Promise<void>((resolve) => world.clock.setTimer(10, resolve)),
          ]),
      })),
  },
  {
    what: "queues without bound",
    breaks: "write waits while the receiver takes nothing",
    breakIt: (transport) => withSink(transport, unbounded),
  },
  {
    what: "holds messages back behind a write",
    breaks: "a snapshot that is not taken does not hold up messages",
    breakIt(transport) {
      let writing = 0;
      return {
        ...withSink(transport, (sink) => ({
          ...shared(sink),
          async write(chunk) {
            writing += 1;
            try {
              await sink.write(chunk);
            } finally {
              writing -= 1;
            }
          },
        })),
        send(messages) {
          if (writing === 0) {
            transport.send(messages);
          }
        },
      };
    },
  },
  {
    what: "throws when a stream is aborted that is over",
    breaks: "abort and reject do nothing once the stream is over",
    breakIt: (transport) =>
      withSink(transport, (sink) => {
        let isFinished = false;
        return {
          ...shared(sink),
          async finish() {
            await sink.finish();
            isFinished = true;
          },
          abort(reason) {
            if (isFinished) {
              throw new Error("finished already");
            }
            sink.abort(reason);
          },
        };
      }),
  },
  {
    what: "ends a snapshot when it is aborted",
    breaks: "a snapshot that its sender aborts fails at the receiver",
    breakIt: (transport) =>
      withSink(transport, (sink) => ({
        ...shared(sink),
        abort: () => void sink.finish().catch(() => {}),
      })),
  },
  {
    what: "ends a snapshot when its sender closes",
    breaks: "a snapshot whose sender is closed fails at the receiver",
    breakIt: (transport, { world }) =>
      withIncoming(transport, (incoming) => ({
        ...shared(incoming),
        chunks: endedIf(incoming.chunks, () => !world.open.has(incoming.from)),
      })),
  },
  {
    what: "waits on for a receiver that has closed",
    breaks: "a snapshot whose receiver is closed fails at the sender",
    breakIt: (transport, { world }) =>
      withSink(transport, (sink, to) => ({
        ...shared(sink),
        write: (chunk) =>
          sink.write(chunk).catch((error) =>
            world.open.has(to) ? Promise.reject(error) : new Promise(() => {})
          ),
      })),
  },
  {
    what: "does not tell the sender that it is rejected",
    breaks: "a snapshot that its receiver rejects fails at the sender",
    breakIt: (transport) =>
      withSink(transport, (sink) => ({
        ...shared(sink),
        // What `finish` says then is another requirement.
        write: (chunk) =>
          sink.write(chunk).catch((error) => {
            if (!/does not want it/.test(error.message)) {
              throw error;
            }
          }),
      })),
  },
  {
    what: "ends reading when it is rejected",
    breaks: "a snapshot that its receiver rejects can not be read on",
    breakIt: (transport) =>
      withIncoming(transport, (incoming) => {
        let isRejected = false;
        return {
          ...shared(incoming),
          chunks: endedIf(incoming.chunks, () => isRejected),
          reject(reason) {
            isRejected = true;
            incoming.reject(reason);
          },
        };
      }),
  },
  {
    what: "finishes what is rejected",
    breaks: "finish rejects if the receiver rejects before it has taken everything",
    breakIt: (transport) =>
      withSink(transport, (sink) => {
        let hasFailed = false;
        return {
          ...shared(sink),
          write: (chunk) =>
            sink.write(chunk).catch((error) => {
              hasFailed = true;
              throw error;
            }),
          finish: () => hasFailed ? sink.finish() : sink.finish().catch(() => {}),
        };
      }),
  },
  {
    what: "reads on when the receiver leaves its loop",
    breaks: "a snapshot whose receiver leaves its loop fails at the sender",
    breakIt: (transport) =>
      withIncoming(transport, (incoming) => {
        const reader = incoming.chunks[Symbol.asyncIterator]();
        return {
          ...shared(incoming),
          chunks: {
            [Symbol.asyncIterator]: () => ({
              next: () => reader.next(),
              return() {
                void drain(reader);
                return Promise.resolve({ done: true, value: undefined });
              },
            }),
          },
        };
      }),
  },
  {
    what: "takes up again after a failure",
    breaks: "a stream that has failed stays so",
    breakIt: (transport) =>
      withSink(transport, (sink) => {
        let hasFailed = false;
        return {
          ...shared(sink),
          async write(chunk) {
            if (!hasFailed) {
              await sink.write(chunk).catch((error) => {
                hasFailed = true;
                throw error;
              });
            }
          },
        };
      }),
  },
  {
    what: "sends snapshots for those who are gone nowhere",
    breaks: "a snapshot to a member that is gone fails",
    breakIt(transport) {
      let isClosed = false;
      return {
        ...delegate(transport),
        openSnapshot: (to, snapshot) =>
          transport.openSnapshot(to, snapshot).catch((error) => {
            if (isClosed) {
              throw error;
            }
            return NOWHERE;
          }),
        close() {
          isClosed = true;
          return transport.close();
        },
      };
    },
  },
  {
    what: "opens streams after close",
    breaks: "openSnapshot rejects once close was called",
    breakIt(transport) {
      let isClosed = false;
      return {
        ...delegate(transport),
        openSnapshot: (to, snapshot) =>
          isClosed ? Promise.resolve(NOWHERE) : transport.openSnapshot(to, snapshot),
        close() {
          isClosed = true;
          return transport.close();
        },
      };
    },
  },
  {
    what: "waits for the cut to heal, however long it takes",
    breaks: "a snapshot that is cut fails at the sender",
    breakIt: (transport, { world }) =>
      withSink(transport, (sink) => ({
        ...shared(sink),
        write: (chunk) =>
          sink.write(chunk).catch((error) =>
            world.cuts === 0 ? Promise.reject(error) : new Promise(() => {})
          ),
      })),
  },
  {
    what: "takes a cut for the end",
    breaks: "a snapshot that is cut fails at the receiver",
    breakIt: (transport, { world }) =>
      withChunks(transport, (chunks) => endedIf(chunks, () => world.cuts > 0)),
  },
];

/** A sink from which nothing comes out. */
const NOWHERE: SnapshotSink = {
  write: () => Promise.resolve(),
  finish: () => Promise.resolve(),
  abort() {},
};

/** Hands the second chunk out after the third. */
async function* swapped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | null = null;
  let count = 0;
  for await (const chunk of chunks) {
    count += 1;
    if (count === 2) {
      held = chunk;
      continue;
    }
    yield chunk;
    if (held !== null) {
      yield held;
      held = null;
    }
  }
  if (held !== null) {
    yield held;
  }
}

async function* withoutSecond(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const chunk of chunks) {
    count += 1;
    if (count !== 2) {
      yield chunk;
    }
  }
}

/** Ends when nothing has come for a while after the first chunk. */
async function* untilPause(
  chunks: AsyncIterable<Uint8Array>,
  clock: Clock,
): AsyncGenerator<Uint8Array> {
  const reader = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const pause = new Promise<null>((resolve) => clock.setTimer(15, () => resolve(null)));
      const result = await Promise.race([reader.next(), pause]);
      if (result === null || result.done === true) {
        return;
      }
      yield result.value;
    }
  } finally {
    await reader.return?.();
  }
}

/** Ends where reading fails, if something is the case. */
async function* endedIf(
  chunks: AsyncIterable<Uint8Array>,
  isSo: () => boolean,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (!isSo()) {
      throw error;
    }
  }
}

/** Takes all that comes and throws it away. */
async function drain(reader: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    while ((await reader.next()).done !== true);
  } catch {
    // The stream failed by itself, so nothing more comes.
  }
}

/** Takes every chunk at once and sends them one after the other. */
function unbounded(sink: SnapshotSink): SnapshotSink {
  let queue = Promise.resolve();
  let failure: unknown = null;
  return {
    abort(reason) {
      failure ??= new Error(reason);
      sink.abort(reason);
    },
    write(chunk) {
      if (failure !== null) {
        return Promise.reject(failure);
      }
      queue = queue.then(() => sink.write(chunk)).catch((error) => {
        failure = error;
      });
      return Promise.resolve();
    },
    async finish() {
      await queue;
      if (failure !== null) {
        throw failure;
      }
      await sink.finish();
    },
  };
}
