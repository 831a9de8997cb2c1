import type { Message } from "../../../raft/mod.ts";
import { isSameBytes, isSameData } from "./transport_equality.ts";
import type { StagedMember } from "./transport_member.ts";
import { demand, type TransportRequirement } from "./transport_requirement.ts";
import { append, heartbeat, sampleMessages } from "./transport_samples.ts";
import type { TransportStage } from "./transport_stage.ts";

const A_TO_B = { from: "a", to: "b" };

/** What is owed to messages between members that are there. */
export const MESSAGE_CASES: readonly TransportRequirement[] = [
  ["a message of each kind arrives as it was sent", eachKindArrives],
  ["a message of the largest size arrives as it was sent", largeMessageArrives],
  ["a message above the largest size does no harm", tooLargeDoesNoHarm],
  ["each message of a batch can arrive", wholeBatchArrives],
  ["a message arrives at the member that it is addressed to and at no other", onlyAddressee],
  ["what was delivered is not changed afterwards", deliveredBytesStay],
  ["handlers are called on turns of their own", handlersHaveTheirTurn],
  ["a message to a member that nobody knows does no harm", strangersDoNoHarm],
  ["what waits for a member is bounded", waitingIsBounded],
];

async function eachKindArrives(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const samples = sampleMessages(A_TO_B);
  const arrived = new Set<string>();
  // Compared when it comes: that it stays so is a requirement of its own.
  const changed: string[] = [];
  b.onMessage = (message) => {
    arrived.add(message.type);
    if (!isSameData(message, samples[message.type])) {
      changed.push(message.type);
    }
  };
  for (const sample of Object.values(samples)) {
    await stage.repeatUntil(
      () => a.send(sample),
      () => arrived.has(sample.type),
      `${sample.type} arrives`,
    );
  }
  demand(changed.length === 0, `changed on the way: ${changed.join(", ")}`);
}

async function largeMessageArrives(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const data = Uint8Array.from(
    { length: stage.messageDataBytesMax },
    (_, position) => position % 251,
  );
  let isSame: boolean | null = null;
  b.onMessage = (message) => {
    isSame = message.type === "appendRequest" &&
      isSameBytes(message.entries[0]?.data ?? new Uint8Array(0), data);
  };
  await stage.repeatUntil(
    () => a.send(append(A_TO_B, [data], 10)),
    () => isSame !== null,
    `a message of ${data.length} bytes arrives`,
  );
  demand(isSame === true, "its bytes were changed");
}

async function tooLargeDoesNoHarm(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  await a.reaches(b);
  const data = new Uint8Array(Math.max(16 << 20, 2 * stage.queueBytesMax) + 1);
  try {
    a.send(append(A_TO_B, [data], 10));
  } catch (error) {
    demand(false, `send throws: ${String(error)}`);
  }
  await a.reaches(b);
}

async function wholeBatchArrives(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const rounds = [1, 2, 3, 4, 5];
  await stage.repeatUntil(
    () => a.send(...rounds.map((round) => heartbeat({ ...A_TO_B, round }))),
    () => rounds.every((round) => heartbeatsAt(b).some((message) => message.round === round)),
    "all messages of a batch arrive, if not at once",
  );
}

async function onlyAddressee(stage: TransportStage): Promise<void> {
  const [a, b, c] = [await stage.join("a"), await stage.join("b"), await stage.join("c")];
  let count = 0;
  await stage.repeatUntil(
    () => {
      count += 2;
      a.send(heartbeat({ from: "a", to: "b", round: count }));
      a.send(heartbeat({ from: "a", to: "c", round: count + 1 }));
    },
    () => b.messages.length > 0 && c.messages.length > 0,
    "messages arrive at both",
  );
  await stage.quiet();
  demand(heartbeatsAt(b).every(({ round }) => round % 2 === 0), "b got a message for c");
  demand(heartbeatsAt(c).every(({ round }) => round % 2 === 1), "c got a message for b");
}

async function deliveredBytesStay(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const appendsAt = () => b.messages.filter((message) => message.type === "appendRequest");
  const send = async (index: number) => {
    const data = new Uint8Array(100).fill(index);
    await stage.repeatUntil(
      () => a.send(append(A_TO_B, [data], index)),
      () => appendsAt().some(({ previous }) => previous.index === index),
      `append ${index} arrives`,
    );
  };
  for (const index of [1, 2, 3, 4]) {
    await send(index);
  }
  for (const { previous, entries: [entry] } of appendsAt()) {
    const isKept = entry?.data.every((byte) => byte === previous.index) ?? false;
    demand(isKept, `the bytes of append ${previous.index} have changed since it came`);
  }
}

async function handlersHaveTheirTurn(stage: TransportStage): Promise<void> {
  const [a, b, c] = [await stage.join("a"), await stage.join("b"), await stage.join("c")];
  await stage.resolves(c.close(), "c closes");
  await a.reaches(b);
  await b.reaches(a);
  a.send(heartbeat({ from: "a", to: "c", round: 1 }));
  await a.streamTo(b);
  await stage.quiet();
  demand(a.nestedCalls + b.nestedCalls === 0, "a handler was called from inside a call");
}

async function strangersDoNoHarm(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  try {
    a.send(heartbeat({ from: "a", to: "nobody", round: 1 }));
  } catch (error) {
    demand(false, `send throws: ${String(error)}`);
  }
  await stage.quiet();
  await a.reaches(b);
}

async function waitingIsBounded(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  await a.reaches(b);
  const data = new Uint8Array(16 << 10);
  // All in one turn, so that nothing can leave meanwhile.
  const count = Math.ceil(4 * stage.queueBytesMax / data.length);
  for (let index = 1; index <= count; index += 1) {
    a.send(append(A_TO_B, [data], index));
  }
  await stage.quiet();
  const arrived = new Set(
    b.messages.flatMap((message) =>
      message.type === "appendRequest" ? [message.previous.index] : []
    ),
  );
  const bytes = arrived.size * data.length;
  demand(
    bytes <= stage.queueBytesMax + data.length,
    `${bytes} bytes were waiting, of at most ${stage.queueBytesMax}`,
  );
}

function heartbeatsAt(member: StagedMember): (Message & { readonly type: "heartbeat" })[] {
  return member.messages.filter((message) => message.type === "heartbeat");
}
