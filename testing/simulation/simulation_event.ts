import type { Message } from "../../raft/mod.ts";
import type { SimulatedMember } from "./simulated_member.ts";
import type { Work } from "./work.ts";

/** What happens at a time. */
export type SimulationEvent =
  | { readonly type: "tick"; readonly member: SimulatedMember }
  | {
    readonly type: "message";
    readonly message: Message;
    /** Comes through whatever is blocked. */
    readonly isForced: boolean;
  }
  | WorkDone
  | { readonly type: "action"; readonly action: () => void };

/** Work of one life of a member is done. */
export interface WorkDone {
  readonly type: "work";
  readonly member: SimulatedMember;
  readonly life: number;
  readonly work: Work;
}
