import { readAll } from "./transport_reading.ts";
import { demand, type TransportRequirement } from "./transport_requirement.ts";
import { writesFail } from "./transport_snapshot_failure_cases.ts";
import { heartbeat } from "./transport_samples.ts";
import type { TransportStage } from "./transport_stage.ts";

/** What is owed when the network fails between members. For testbeds that can cut it. */
export const CUT_CASES: readonly TransportRequirement[] = [
  ["a member that is cut off is reported as unreachable", cutIsReported],
  ["messages arrive again once a cut is healed", healedIsReached],
  ["a snapshot that is cut fails at the sender", cutFailsSender],
  ["a snapshot that is cut fails at the receiver", cutFailsReceiver],
];

async function cutIsReported(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  await a.reaches(b);
  await stage.cut("a", "b");
  let round = 1_000;
  await stage.repeatUntil(
    () => a.send(heartbeat({ from: "a", to: "b", round: round += 1 })),
    () => a.unreachable.includes("b"),
    "a is told that b is out of reach",
  );
}

async function healedIsReached(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  await a.reaches(b);
  await stage.cut("a", "b");
  for (let round = 1_000; round < 1_010; round += 1) {
    a.send(heartbeat({ from: "a", to: "b", round }));
    await stage.quiet();
  }
  await stage.heal();
  await a.reaches(b);
}

async function cutFailsSender(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink } = await a.streamTo(b);
  await stage.cut("a", "b");
  await writesFail(stage, sink);
}

async function cutFailsReceiver(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink, incoming } = await a.streamTo(b);
  const reading = readAll(incoming);
  await stage.resolves(sink.write(new Uint8Array(100)), "a chunk is written");
  await stage.cut("a", "b");
  await stage.until(() => reading.state !== "reading", "the receiver learns of it");
  demand(reading.state === "failed", "the receiver takes it for whole");
}
