/**
 * Steps of the protocol at which a crash hurts most, with what has happened by
 * then and what has not.
 */
export const CRASH_POINTS = {
  "vote decided": "a vote was decided and is on its way to the disk",
  "vote durable": "a vote is on the disk, the core was not told yet",
  "vote sent": "a vote has left",
  "elected": "a leader has won, its first entry is on its way to the disk",
  "entries queued": "entries are on their way to the disk",
  "entries durable": "entries are on the disk, the core was not told yet",
  "entries acknowledged": "an acknowledgement has left",
  "committed": "a leader has committed, nobody else knows yet",
  "acknowledged to a client": "a client was told that its command is done",
  "membership proposed": "a membership entry is on its way to the disk",
  "membership committed": "a membership entry is committed, but not applied",
  "membership applied": "a membership is in force",
  "joint entered": "a joint configuration is in force",
  "joint left": "a joint configuration is not in force any more",
  "snapshot restored": "the state machine holds a snapshot, the log does not follow on it yet",
  "log reset": "the log follows on a snapshot, the core was not told yet",
  "election invited": "the target of a transfer was told to start its election",
  "between effects": "some effects of a step are performed, the others are not",
} as const;

export type CrashPoint = keyof typeof CRASH_POINTS;
