import type { Message, NodeId } from "../../raft/mod.ts";

/** Which messages; what is left out does not matter. */
export interface MessageFilter {
  readonly from?: NodeId;
  readonly to?: NodeId;
  readonly type?: Message["type"];
  /** What else must be true of it. */
  readonly where?: (message: Message) => boolean;
}

/** Whether a message is one of those that a filter means. */
export function matches(message: Message, { from, to, type, where }: MessageFilter): boolean {
  return (from === undefined || message.from === from) &&
    (to === undefined || message.to === to) &&
    (type === undefined || message.type === type) &&
    (where === undefined || where(message));
}
