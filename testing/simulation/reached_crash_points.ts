import { type AppendBatch, isJoint, type Membership, type Message } from "../../raft/mod.ts";
import type { MemberView } from "../invariants/group_invariant.ts";
import type { CrashPoint } from "./crash_point.ts";
import type { DiskWrite } from "./simulated_disk.ts";

/** Steps that a member has come to once it began to make this durable, in their order. */
export function pointsOfPersist(
  { hardState, entries }: AppendBatch,
): CrashPoint[] {
  const points: CrashPoint[] = [];
  if (hardState !== null && hardState.vote !== null) {
    points.push("vote decided");
  }
  if (entries.length > 0) {
    points.push("entries queued");
  }
  if (entries.some(({ kind }) => kind === "membership")) {
    points.push("membership proposed");
  }
  return points;
}

/** Once these writes are durable, before the core is told. */
export function pointsOfWrites(written: readonly DiskWrite[]): CrashPoint[] {
  const points: CrashPoint[] = [];
  for (const write of written) {
    if (write.type === "reset") {
      points.push("log reset");
    } else if (write.type === "batch") {
      if (write.hardState?.vote != null) {
        points.push("vote durable");
      }
      if (write.entries.length > 0) {
        points.push("entries durable");
      }
    }
  }
  return points;
}

/** Once a member has committed the entries from above `before` on, or has heard that they are. */
export function pointsOfCommit(
  { role, log, committedIndex }: Pick<MemberView, "role" | "log" | "committedIndex">,
  before: number,
): CrashPoint[] {
  const points: CrashPoint[] = [];
  for (let index = before + 1; index <= committedIndex; index += 1) {
    if (log.entryAt(index)?.kind === "membership") {
      points.push("membership committed");
    }
  }
  if (role === "leader") {
    points.push("committed");
  }
  return points;
}

/** Once a message has left, `null` if a crash would not hurt then. */
export function pointOfMessage(message: Message): CrashPoint | null {
  switch (message.type) {
    case "voteResponse":
      return message.granted && !message.isPreVote ? "vote sent" : null;
    case "appendAccepted":
      return "entries acknowledged";
    case "timeoutNow":
      return "election invited";
    default:
      return null;
  }
}

/** Once another membership is in force. */
export function pointOfMembership(before: Membership, after: Membership): CrashPoint {
  if (isJoint(after)) {
    return "joint entered";
  }
  return isJoint(before) ? "joint left" : "membership applied";
}
