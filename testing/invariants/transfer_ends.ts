import type { DropReason, NodeId } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * A transfer is over after one election timeout: then the leader still leads,
 * and says so, and takes proposals again (Raft thesis §3.10).
 */
export class TransferEnds implements GroupInvariant {
  readonly name = "transfer ends";
  readonly #electionTicks: number;
  /** By leader: its tick when it first refused, since it last was asked for a transfer. */
  readonly #refusals = new Map<NodeId, number>();
  /** By leader and target: the tick at which it was last asked for this transfer. */
  readonly #awaited = new Map<NodeId, Map<NodeId, number>>();

  constructor(electionTicks: number) {
    this.#electionTicks = electionTicks;
  }

  onStarted({ id }: MemberView): void {
    this.#awaited.delete(id);
  }

  onTransferRequested({ id, role }: MemberView, to: NodeId, ticks: number): void {
    this.#refusals.delete(id);
    if (role === "leader") {
      const awaited = this.#awaited.get(id) ?? new Map<NodeId, number>();
      this.#awaited.set(id, awaited);
      // Who asks again for what is under way waits for the same end.
      awaited.set(to, awaited.get(to) ?? ticks);
    }
  }

  onTransferEnded({ id }: MemberView, to: NodeId): void {
    this.#awaited.get(id)?.delete(to);
  }

  onRoleChanged({ id }: MemberView): void {
    this.#refusals.delete(id);
    this.#awaited.delete(id);
  }

  onAccepted({ id }: MemberView): void {
    this.#refusals.delete(id);
  }

  onTicked({ id }: MemberView, ticks: number): void {
    const awaited = this.#awaited.get(id);
    if (awaited === undefined) {
      return;
    }
    for (const [to, since] of awaited) {
      expect(
        ticks - since <= this.#electionTicks,
        this.name,
        () => `${id} has not said for ${ticks - since} ticks what became of a transfer to ${to}`,
      );
    }
  }

  onRefused({ id, role }: MemberView, reason: DropReason, ticks: number): void {
    if (reason !== "transferring" || role !== "leader") {
      return;
    }
    const first = this.#refusals.get(id) ?? ticks;
    this.#refusals.set(id, first);
    expect(
      ticks - first <= this.#electionTicks,
      this.name,
      () => `${id} has refused proposals for ${ticks - first} ticks because of a transfer`,
    );
  }
}
