import type { NodeId } from "../../raft/mod.ts";
import type { SimulatedMember } from "../simulation/simulated_member.ts";
import type { Work } from "../simulation/work.ts";

/** Something begun that has not ended. */
export interface BegunWork {
  readonly member: SimulatedMember;
  readonly life: number;
  readonly work: Work;
}

/** What disks and state machines have begun, in this order, until it is taken to be ended. */
export class ScriptedWork {
  readonly #begun: BegunWork[] = [];
  readonly #held = new Set<string>();

  begin(member: SimulatedMember, work: Work): void {
    this.#begun.push({ member, life: member.life, work });
  }

  /** Work of this kind is not taken as the next until it is released. */
  hold(id: NodeId, type: Work["type"]): void {
    this.#held.add(`${id} ${type}`);
  }

  release(id: NodeId, type: Work["type"]): void {
    this.#held.delete(`${id} ${type}`);
  }

  releaseAll(): void {
    this.#held.clear();
  }

  /** How much work of this kind a member has under way, in this life. */
  count(id: NodeId, type: Work["type"]): number {
    return this.#begun.filter(({ member, life, work }) =>
      member.id === id && member.life === life && work.type === type
    ).length;
  }

  /** Takes the oldest work that is not held. */
  takeNext(): BegunWork | undefined {
    return this.#take(({ member, work }) => !this.#held.has(`${member.id} ${work.type}`));
  }

  /** Takes the oldest work of this kind at a member, held or not. */
  take(id: NodeId, type: Work["type"]): BegunWork | undefined {
    return this.#take(({ member, work }) => member.id === id && work.type === type);
  }

  #take(isWanted: (begun: BegunWork) => boolean): BegunWork | undefined {
    const at = this.#begun.findIndex(isWanted);
    return at === -1 ? undefined : this.#begun.splice(at, 1)[0];
  }
}
