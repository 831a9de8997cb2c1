import { demand, type TransportRequirement } from "./transport_requirement.ts";
import { heartbeat } from "./transport_samples.ts";
import type { TransportStage } from "./transport_stage.ts";

/** What is owed when members go and come back. */
export const LIFE_CASES: readonly TransportRequirement[] = [
  ["no handler is called before start has returned", startCallsNobody],
  ["no handler is called once close was", closedHearsNothing],
  ["send does nothing once close was called", closedSendsNothing],
  ["close may be called twice", closesTwice],
  ["a member that is gone is reported as unreachable", goneIsReported],
  ["a member that is gone is reported once in a turn, however much was sent", reportedOnce],
  ["a member that comes back is heard", returnedIsHeard],
  ["a member that comes back is reached", returnedIsReached],
];

async function startCallsNobody(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.open("b")];
  for (let round = 1; round <= 10; round += 1) {
    a.send(heartbeat({ from: "a", to: "b", round }));
  }
  await stage.quiet();
  await b.start();
  demand(b.nestedCalls === 0, `start called handlers ${b.nestedCalls} times`);
  await a.reaches(b);
}

async function closedHearsNothing(stage: TransportStage): Promise<void> {
  const [a, b, c] = [await stage.join("a"), await stage.join("b"), await stage.join("c")];
  await stage.resolves(c.close(), "c closes");
  await a.reaches(b);
  await b.reaches(a);
  for (let round = 100; round < 110; round += 1) {
    a.send(heartbeat({ from: "a", to: "b", round }));
    b.send(heartbeat({ from: "b", to: "c", round }));
  }
  await stage.resolves(b.close(), "close resolves");
  await stage.quiet();
  demand(b.lateCalls === 0, `${b.lateCalls} calls of handlers after close`);
}

async function closedSendsNothing(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  await a.reaches(b);
  const closed = a.close();
  try {
    a.send(heartbeat({ from: "a", to: "b", round: 1_000 }));
    await stage.resolves(closed, "close resolves");
    a.send(heartbeat({ from: "a", to: "b", round: 1_000 }));
  } catch (error) {
    demand(false, `send throws: ${String(error)}`);
  }
  await stage.quiet();
  const isSent = b.messages.some((message) =>
    message.type === "heartbeat" && message.round === 1_000
  );
  demand(!isSent, "a message arrived that was sent after close");
}

async function closesTwice(stage: TransportStage): Promise<void> {
  const a = await stage.join("a");
  await stage.resolves(Promise.all([a.close(), a.close()]), "two calls of close resolve");
  await stage.resolves(a.close(), "a late call of close resolves");
}

async function goneIsReported(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  await a.reaches(b);
  await stage.resolves(b.close(), "b closes");
  let round = 1_000;
  await stage.repeatUntil(
    () => a.send(heartbeat({ from: "a", to: "b", round: round += 1 })),
    () => a.unreachable.includes("b"),
    "a is told that b is gone",
  );
}

async function reportedOnce(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  await a.reaches(b);
  await stage.resolves(b.close(), "b closes");
  // That it is reported at all is a requirement of its own.
  for (let batch = 0; batch < 10; batch += 1) {
    a.send(...Array.from({ length: 10 }, (_, round) => heartbeat({ from: "a", to: "b", round })));
    await stage.quiet();
  }
  demand(a.repeatedReports === 0, `${a.repeatedReports} reports of b came in a turn that had one`);
}

async function returnedIsHeard(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  await b.reaches(a);
  await stage.resolves(b.close(), "b closes");
  const next = await stage.join("b");
  a.messages.length = 0;
  await next.reaches(a);
}

async function returnedIsReached(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  await a.reaches(b);
  await stage.resolves(b.close(), "b closes");
  const next = await stage.join("b");
  await a.reaches(next);
}
