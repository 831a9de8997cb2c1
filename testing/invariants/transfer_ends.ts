import type { DropReason, NodeId } from "../../raft/mod.ts";
import { expect } from "../violation.ts";
import type { GroupInvariant, MemberView } from "./group_invariant.ts";

/**
 * A leader refuses proposals because of a transfer for one election timeout at
 * most: then it gives the transfer up (Raft thesis §3.10).
 */
export class TransferEnds implements GroupInvariant {
  readonly name = "transfer ends";
  readonly #electionTicks: number;
  /** By leader: its tick when it first refused, since it last was asked for a transfer. */
  readonly #refusals = new Map<NodeId, number>();

  constructor(electionTicks: number) {
    this.#electionTicks = electionTicks;
  }

  onTransferRequested({ id }: MemberView): void {
    this.#refusals.delete(id);
  }

  onRoleChanged({ id }: MemberView): void {
    this.#refusals.delete(id);
  }

  onAccepted({ id }: MemberView): void {
    this.#refusals.delete(id);
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
