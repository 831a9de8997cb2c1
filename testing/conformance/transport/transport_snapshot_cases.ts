import { isSameBytes, isSameData } from "./transport_equality.ts";
import type { StagedStream } from "./transport_member.ts";
import { watch } from "../call_outcome.ts";
import { bytesOf, readAll } from "./transport_reading.ts";
import { demand, type TransportRequirement } from "./transport_requirement.ts";
import { snapshotMeta } from "./transport_samples.ts";
import type { TransportStage } from "./transport_stage.ts";

/** What is owed to a snapshot's stream that nothing disturbs. */
export const SNAPSHOT_CASES: readonly TransportRequirement[] = [
  ["a snapshot arrives whole and in order", arrivesWhole],
  ["a snapshot comes with its description and its sender", isDescribed],
  ["two snapshots on the way do not mix", twoDoNotMix],
  ["a snapshot does not end before its sender has finished", endsWithFinish],
  ["finish resolves once the receiver has taken everything, not before", finishWaits],
  ["write waits while the receiver takes nothing", writeWaits],
  ["a snapshot that is not taken does not hold up messages", messagesPass],
  ["abort and reject do nothing once the stream is over", lateCallsDoNothing],
];

async function arrivesWhole(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink, incoming } = await a.streamTo(b);
  const reading = readAll(incoming);
  const sent: number[] = [];
  for (const length of [1, 0, 1_000, 3, 65_536, 1 << 18, 10]) {
    const chunk = Uint8Array.from({ length }, (_, position) => (sent.length + position * 7) % 256);
    chunk.forEach((byte) => sent.push(byte));
    await stage.resolves(sink.write(chunk), `${length} bytes are written`);
  }
  await stage.resolves(sink.finish(), "finish resolves");
  await stage.until(() => reading.state !== "reading", "the receiver sees the end");
  demand(reading.state === "ended", "reading failed");
  const received = bytesOf(reading);
  demand(received.length === sent.length, `${received.length} bytes of ${sent.length} arrived`);
  demand(isSameBytes(received, Uint8Array.from(sent)), "other bytes arrived than were sent");
}

async function isDescribed(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { incoming: { from, snapshot } } = await a.streamTo(b, 17);
  demand(from === "a", `it comes from ${from}`);
  demand(isSameData(snapshot, snapshotMeta(17)), "the description was changed");
}

async function twoDoNotMix(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const streams = [await a.streamTo(b, 1), await a.streamTo(b, 2)];
  const readings = streams.map(({ incoming }) => readAll(incoming));
  for (let round = 0; round < 5; round += 1) {
    const writes = streams.map(({ sink, incoming }) =>
      sink.write(new Uint8Array(500).fill(incoming.snapshot.last.index))
    );
    await stage.resolves(Promise.all(writes), "both are written");
  }
  await stage.resolves(Promise.all(streams.map(({ sink }) => sink.finish())), "both finish");
  await stage.until(() => readings.every(({ state }) => state !== "reading"), "both end");
  readings.forEach((reading, position) => {
    const isPure = bytesOf(reading).every((byte) => byte === position + 1);
    demand(isPure, `snapshot ${position + 1} holds bytes of the other one`);
  });
}

async function endsWithFinish(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink, incoming } = await a.streamTo(b);
  const reading = readAll(incoming);
  await stage.resolves(sink.write(new Uint8Array(1_000)), "a chunk is written");
  await stage.until(() => reading.chunks.length > 0, "the chunk arrives");
  await stage.quiet();
  demand(reading.state !== "ended", "it ended though finish was not called");
}

async function finishWaits(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink, incoming } = await a.streamTo(b);
  await stage.resolves(sink.write(new Uint8Array(1_000)), "a chunk is written");
  const finish = sink.finish();
  const outcome = watch(finish);
  await stage.quiet();
  demand(outcome.state === "pending", `finish has ${outcome.state}, and nothing was taken`);
  readAll(incoming);
  await stage.resolves(finish, "finish resolves after everything was taken");
}

async function writeWaits(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const stream = await a.streamTo(b);
  await writeUntilFull(stage, stream);
  stream.sink.abort("the case is over");
}

async function messagesPass(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink } = await a.streamTo(b);
  const writing = watch(writeMuch(sink, 2 * stage.snapshotBufferBytesMax));
  await stage.quiet();
  await a.reaches(b);
  await b.reaches(a);
  sink.abort("the case is over");
  await stage.until(() => writing.state !== "pending", "the write ends when it is aborted");
}

async function lateCallsDoNothing(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const whole = await a.streamTo(b, 1);
  const reading = readAll(whole.incoming);
  await stage.resolves(whole.sink.finish(), "finish resolves");
  await stage.until(() => reading.state !== "reading", "the receiver sees the end");
  const broken = await a.streamTo(b, 2);
  broken.sink.abort("first");
  await stage.quiet();
  try {
    for (const { sink, incoming } of [whole, broken]) {
      sink.abort("late");
      incoming.reject("late");
    }
  } catch (error) {
    demand(false, `a late call throws: ${String(error)}`);
  }
  await stage.quiet();
  demand(reading.state === "ended", "a snapshot that had arrived failed afterwards");
}

const CHUNK_BYTES = 16 << 10;

/** Writes until a write has to wait; there is a bound to how much fits. */
async function writeUntilFull(stage: TransportStage, { sink }: StagedStream): Promise<void> {
  for (let bytes = 0; bytes <= stage.snapshotBufferBytesMax + CHUNK_BYTES; bytes += CHUNK_BYTES) {
    const outcome = watch(sink.write(new Uint8Array(CHUNK_BYTES)));
    await stage.quiet();
    demand(outcome.state !== "rejected", "a write rejects");
    if (outcome.state === "pending") {
      return;
    }
  }
  demand(
    false,
    `more than ${stage.snapshotBufferBytesMax} bytes were written, and none were taken`,
  );
}

async function writeMuch(sink: StagedStream["sink"], bytes: number): Promise<void> {
  for (let written = 0; written < bytes; written += CHUNK_BYTES) {
    await sink.write(new Uint8Array(CHUNK_BYTES));
  }
}
