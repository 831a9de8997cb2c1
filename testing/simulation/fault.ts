/**
 * Faults that strike now and then, with what each does. A seed draws which of
 * them it has, and how often.
 */
export const FAULTS = {
  "crash": "a member crashes and comes back",
  "power cut": "all members crash at once and come back one by one",
  "restart in the term": "a member that has just voted crashes and comes back at once",
  "crash the new leader": "a member crashes just after it was elected",
  "isolate the new leader": "a member is cut off just after it was elected",
  "isolate the leader": "the leader is cut off while it leads",
  "leave the leader behind":
    "the leader is cut off, until the others have compacted what it would need",
  "crash at a step": "a member crashes at a step of the protocol",
  "hold a vote back":
    "a candidate is cut off, and a vote reaches it when others have long moved on",
  "hold an answer back": "an answer to a leader arrives when the term is long over",
  "pause": "a member stops for a while and goes on",
  "pause the leader": "the leader stops for a while, with requests waiting for it",
  "partition": "the members are parted in two",
  "isolate": "one member is cut off",
  "one-way": "nothing comes through in one direction",
  "partial partition": "two members do not hear each other, others hear both",
  "slow link": "one direction is many times slower than usual",
  "clock jump": "the clock of a member jumps forward by many ticks",
  "clock stop": "the clock of a member stands still for a while",
  "clock drift": "the clock of a member goes on at another rate",
  "slow the leader's clock":
    "the clock of the leader is slow, as far as clocks may, all others fast",
  "disk stall": "the disk of a member hangs for a while",
  "stall the leader's disk": "the disk of the leader hangs for a while",
  "slow machine": "the state machine of a member takes long to apply",
  "unreachable": "a member is told, rightly or not, that another cannot be reached",
  "membership change": "someone wants another membership",
  "transfer": "someone wants another leader",
  "invite an election": "a stray order to start an election comes, from an earlier transfer",
  "torn write": "a crash leaves a write half done, and nobody can tell it from damage",
  "damage": "the last write of a crashed member is damaged, although it was acknowledged",
  "disk error": "one call of a member's disk fails, be it a change or a read",
  "disk full": "the disk of a member has no room left, until its next life",
  "read-only disk": "the file system of a member turns read-only, until its next life",
} as const;

export type Fault = keyof typeof FAULTS;

/** Faults that strike where something happens, rather than when. */
export const TRIGGERED_FAULTS: ReadonlySet<Fault> = new Set<Fault>([
  "restart in the term",
  "crash the new leader",
  "isolate the new leader",
  "crash at a step",
  "hold a vote back",
  "hold an answer back",
  "torn write",
  "damage",
]);

/** Faults of a disk that has calls to fail, as whole members have it. */
export type FailingDiskFault = "disk error" | "disk full" | "read-only disk";

export const FAILING_DISK_FAULTS: readonly FailingDiskFault[] = [
  "disk error",
  "disk full",
  "read-only disk",
];
