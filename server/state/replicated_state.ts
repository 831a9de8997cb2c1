import { fromBinary } from "@bufbuild/protobuf";
import {
  CompactedRevisionError,
  FutureRevisionError,
  MvccStore,
  type Step,
} from "../../mvcc/mod.ts";
import {
  CompactionRequestSchema,
  DeleteRangeRequestSchema,
  MemberSchema,
  type PutRequest,
  PutRequestSchema,
} from "../../proto/mod.ts";
import { decodeMembership, type Entry, invariant, type Membership } from "../../raft/mod.ts";
import type { Backend, BackendOperation } from "../../storage/mod.ts";
import { appliedOperation, type AppliedPosition, readAppliedPosition } from "./applied_position.ts";
import type { ApplyResult } from "./apply_result.ts";
import { type Command, decodeCommand } from "./command.ts";
import type { RefusalCode } from "./errors.ts";
import { hexId, safeNumber } from "./integers.ts";
import { memberOperation, type MemberRecord, readMembers } from "./member_record.ts";
import { membershipOperation, readMembership } from "./membership_record.ts";

/** Buckets of the backend that hold the replicated state. */
export const STATE_BUCKETS: readonly string[] = ["key", "meta", "members"];

/**
 * What the members of a cluster have in common: the key-value store and the
 * list of members. It changes by `apply` alone, which gives the same result
 * for the same entries everywhere: no clock, no chance, no I/O but the backend.
 *
 * Every change goes to the backend together with the position that it brings
 * the state to, so a restart neither repeats nor misses an entry.
 */
export class ReplicatedState {
  #backend: Backend;
  #store: MvccStore;
  #position: AppliedPosition;
  #members: readonly MemberRecord[];
  #membership: Membership | null;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#store = new MvccStore({ backend });
    this.#position = readAppliedPosition(backend);
    this.#members = readMembers(backend);
    this.#membership = readMembership(backend);
  }

  /**
   * Takes up the records of the store. Must be done before anything is applied
   * or read.
   */
  restore(): Step {
    return this.#store.restore();
  }

  /**
   * Becomes what another one is, such as one that a snapshot has brought; that
   * one is not used any more. Whoever reads sees the one state or the other.
   */
  become(other: ReplicatedState): void {
    this.#backend = other.#backend;
    this.#store = other.#store;
    this.#position = other.#position;
    this.#members = other.#members;
    this.#membership = other.#membership;
  }

  /**
   * The key-value store. To be asked for anew in each turn: after `become` it is
   * another one, and what the one before reads is cleared away.
   */
  get store(): MvccStore {
    return this.#store;
  }

  /** The last membership of the raft group that was applied; `null` if none was. */
  get membership(): Membership | null {
    return this.#membership;
  }

  get position(): AppliedPosition {
    return this.#position;
  }

  /** All members, in ascending order of their ids. */
  get members(): readonly MemberRecord[] {
    return this.#members;
  }

  /**
   * Applies the next entry.
   *
   * @throws {UnknownCommandError} if the entry was made by a newer version.
   */
  apply(entry: Entry): ApplyResult {
    invariant(
      entry.index === this.#position.index + 1,
      "entries are applied in order, each once",
      this.#position.index,
      entry.index,
    );
    if (entry.kind !== "command") {
      this.#advance(entry, this.#position.stampMs);
      const operations = [appliedOperation(this.#position)];
      if (entry.kind === "membership") {
        this.#membership = decodeMembership(entry.data);
        operations.push(membershipOperation(entry.data));
      }
      this.#backend.write(operations);
      return { type: "done" };
    }
    const command = decodeCommand(entry.data);
    this.#advance(entry, Math.max(this.#position.stampMs, command.stampMs));
    return this.#applyCommand(command, appliedOperation(this.#position));
  }

  #advance({ index, term }: Entry, stampMs: number): void {
    this.#position = { index, term, stampMs };
  }

  #applyCommand({ kind, payload }: Command, applied: BackendOperation): ApplyResult {
    switch (kind) {
      case "put":
        return this.#applyPut(fromBinary(PutRequestSchema, payload), applied);
      case "deleteRange":
        return this.#applyDeleteRange(payload, applied);
      case "compaction":
        return this.#applyCompaction(payload, applied);
      case "memberPublish":
        return this.#applyMemberPublish(payload, applied);
    }
  }

  #applyPut(request: PutRequest, applied: BackendOperation): ApplyResult {
    if (request.lease !== 0n) {
      // There are no leases yet, so none can be found.
      return this.#refuse("LEASE_NOT_FOUND", applied);
    }
    const { key, prevKv, ignoreValue, ignoreLease } = request;
    let { value } = request;
    let lease = "";
    if (ignoreValue || ignoreLease) {
      const current = this.store.range({ key }).kvs[0];
      if (current === undefined) {
        return this.#refuse("KEY_NOT_FOUND", applied);
      }
      value = ignoreValue ? current.value : value;
      lease = ignoreLease ? current.lease : lease;
    }
    const transaction = this.store.beginWrite();
    const { previous } = transaction.put({ key, value, lease }, { wantPrevious: prevKv });
    return { type: "put", revision: transaction.end([applied]), previous };
  }

  #applyDeleteRange(payload: Uint8Array, applied: BackendOperation): ApplyResult {
    const { key, rangeEnd, prevKv } = fromBinary(DeleteRangeRequestSchema, payload);
    const transaction = this.store.beginWrite();
    const { deleted, previous } = transaction.deleteRange({ key, rangeEnd }, {
      wantPrevious: prevKv,
    });
    return { type: "deleteRange", revision: transaction.end([applied]), deleted, previous };
  }

  #applyCompaction(payload: Uint8Array, applied: BackendOperation): ApplyResult {
    const { revision } = fromBinary(CompactionRequestSchema, payload);
    try {
      // What it drops is dropped in slices, by whoever drives this state.
      this.store.compact(safeNumber(revision), [applied]);
      return { type: "compaction", revision: this.store.currentRevision };
    } catch (error) {
      if (error instanceof CompactedRevisionError || error instanceof FutureRevisionError) {
        return this.#refuse(error.code, applied);
      }
      throw error;
    }
  }

  #applyMemberPublish(payload: Uint8Array, applied: BackendOperation): ApplyResult {
    const { ID, name, peerURLs, clientURLs } = fromBinary(MemberSchema, payload);
    const member = { id: hexId(ID), name, peerUrls: peerURLs, clientUrls: clientURLs };
    this.#backend.write([memberOperation(member), applied]);
    this.#members = readMembers(this.#backend);
    return { type: "done" };
  }

  #refuse(code: RefusalCode, applied: BackendOperation): ApplyResult {
    this.#backend.write([applied]);
    return { type: "refused", code };
  }
}
