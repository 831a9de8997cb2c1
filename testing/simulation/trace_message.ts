import type { Message } from "../../raft/mod.ts";
import type { TraceHash } from "./trace_hash.ts";

const TYPES: Readonly<Record<Message["type"], number>> = {
  voteRequest: 1,
  voteResponse: 2,
  appendRequest: 3,
  appendAccepted: 4,
  appendRejected: 5,
  heartbeat: 6,
  heartbeatResponse: 7,
  snapshotOffer: 8,
  timeoutNow: 9,
  proposalForward: 10,
  proposalsAccepted: 11,
  proposalsRefused: 12,
  readForward: 13,
  readsConfirmed: 14,
  logConfirmed: 15,
};

/** Adds a message that has arrived, with what it says, and between whom. */
export function traceMessage(
  trace: TraceHash,
  message: Message,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  trace.add(((TYPES[message.type] << 16) | (from << 8)) | to);
  trace.add(message.term);
  switch (message.type) {
    case "voteRequest":
      trace.add(message.last.term);
      trace.add(message.last.index);
      return trace.add(message.isPreVote ? 1 : 0);
    case "voteResponse":
      trace.add(message.commit.index);
      return trace.add((message.isPreVote ? 2 : 0) + (message.granted ? 1 : 0));
    case "appendRequest":
      trace.add(message.attempt);
      trace.add(message.previous.term);
      trace.add(message.previous.index);
      trace.add(message.commit);
      for (const { term, data } of message.entries) {
        trace.add(term);
        trace.add(data.length);
      }
      return;
    case "appendAccepted":
      trace.add(message.attempt);
      return trace.add(message.match);
    case "appendRejected":
      trace.add(message.rejected);
      trace.add(message.hint.term);
      return trace.add(message.hint.index);
    case "heartbeat":
      trace.add(message.commit);
      return trace.add(message.round);
    case "heartbeatResponse":
      return trace.add(message.round);
    case "logConfirmed":
      return trace.add(message.upTo);
    case "snapshotOffer":
      trace.add(message.snapshot.last.term);
      return trace.add(message.snapshot.last.index);
    case "proposalForward":
      return trace.add(message.proposals.length);
    case "proposalsAccepted":
      trace.add(message.first.index);
      return trace.add(message.ids.length);
    case "proposalsRefused":
    case "readForward":
      return trace.add(message.ids.length);
    case "readsConfirmed":
      return trace.add(message.index);
    case "timeoutNow":
      return;
  }
}
