import type { SnapshotSink } from "../../../raft/mod.ts";
import { readAll } from "./transport_reading.ts";
import { demand, type TransportRequirement } from "./transport_requirement.ts";
import { snapshotMeta } from "./transport_samples.ts";
import type { TransportStage } from "./transport_stage.ts";

/** What is owed when a snapshot's stream does not come to its end. */
export const SNAPSHOT_FAILURE_CASES: readonly TransportRequirement[] = [
  ["a snapshot that its sender aborts fails at the receiver", abortFailsReceiver],
  ["a snapshot whose sender is closed fails at the receiver", closedSenderFailsReceiver],
  ["a snapshot whose receiver is closed fails at the sender", closedReceiverFailsSender],
  ["a snapshot that its receiver rejects fails at the sender", rejectFailsSender],
  ["a snapshot that its receiver rejects can not be read on", rejectFailsReader],
  ["finish rejects if the receiver rejects before it has taken everything", rejectFailsFinish],
  ["a snapshot whose receiver leaves its loop fails at the sender", leavingFailsSender],
  ["a stream that has failed stays so", failedStaysSo],
  ["a snapshot to a member that is gone fails", goneFails],
  ["openSnapshot rejects once close was called", closedOpensNothing],
];

async function abortFailsReceiver(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink, incoming } = await a.streamTo(b);
  const reading = readAll(incoming);
  await stage.resolves(sink.write(new Uint8Array(100)), "a chunk is written");
  sink.abort("changed its mind");
  await stage.until(() => reading.state !== "reading", "the receiver learns of it");
  demand(reading.state === "failed", "the receiver takes it for whole");
}

async function closedSenderFailsReceiver(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink, incoming } = await a.streamTo(b);
  const reading = readAll(incoming);
  await stage.resolves(sink.write(new Uint8Array(100)), "a chunk is written");
  await stage.resolves(a.close(), "the sender closes");
  await stage.until(() => reading.state !== "reading", "the receiver learns of it");
  demand(reading.state === "failed", "the receiver takes it for whole");
}

async function closedReceiverFailsSender(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink } = await a.streamTo(b);
  await stage.resolves(b.close(), "the receiver closes");
  await writesFail(stage, sink);
}

async function rejectFailsSender(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink, incoming } = await a.streamTo(b);
  incoming.reject("not wanted");
  await writesFail(stage, sink);
}

async function rejectFailsReader(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink, incoming } = await a.streamTo(b);
  const reading = readAll(incoming);
  await stage.resolves(sink.write(new Uint8Array(100)), "a chunk is written");
  incoming.reject("not wanted");
  await stage.until(() => reading.state !== "reading", "reading comes to an end");
  demand(reading.state === "failed", "reading ends as if it were whole");
}

async function rejectFailsFinish(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink, incoming } = await a.streamTo(b);
  await stage.resolves(sink.write(new Uint8Array(100)), "a chunk is written");
  const finish = sink.finish();
  incoming.reject("not wanted");
  await stage.rejects(finish, "finish rejects");
}

async function leavingFailsSender(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink, incoming } = await a.streamTo(b);
  const leave = async () => {
    for await (const _ of incoming.chunks) {
      break;
    }
  };
  const left = leave();
  await stage.resolves(sink.write(new Uint8Array(100)), "a chunk is written");
  await stage.settled(left, "the receiver leaves");
  await writesFail(stage, sink);
}

async function failedStaysSo(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  const { sink } = await a.streamTo(b);
  sink.abort("changed its mind");
  await stage.rejects(sink.write(new Uint8Array(1)), "a write rejects");
  await stage.rejects(sink.write(new Uint8Array(1)), "a second write rejects");
  await stage.rejects(sink.finish(), "finish rejects");
}

async function goneFails(stage: TransportStage): Promise<void> {
  const [a, b] = [await stage.join("a"), await stage.join("b")];
  await a.reaches(b);
  await stage.resolves(b.close(), "b closes");
  const transfer = async () => {
    const sink = await a.openSnapshot("b", snapshotMeta(1));
    await sink.write(new Uint8Array(100));
    await sink.finish();
  };
  await stage.rejects(transfer(), "the transfer fails");
}

async function closedOpensNothing(stage: TransportStage): Promise<void> {
  const [a] = [await stage.join("a"), await stage.join("b")];
  await stage.resolves(a.close(), "a closes");
  await stage.rejects(a.openSnapshot("b", snapshotMeta(1)), "openSnapshot rejects");
}

/** Writes until it is refused. What lies between both ends may be taken before that. */
export async function writesFail(stage: TransportStage, sink: SnapshotSink): Promise<void> {
  const chunk = new Uint8Array(16 << 10);
  for (let bytes = 0; bytes <= 2 * stage.snapshotBufferBytesMax; bytes += chunk.length) {
    if (await stage.settled(sink.write(chunk), "the sender's write is settled") === "rejected") {
      return;
    }
  }
  demand(false, "the sender can write on and on");
}
