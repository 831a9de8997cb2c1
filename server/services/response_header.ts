import { create } from "@bufbuild/protobuf";
import { type ResponseHeader, ResponseHeaderSchema } from "../../proto/mod.ts";
import { unsignedId } from "../state/integers.ts";

/** Who answers. */
export interface Identity {
  /** 16 hex digits each. */
  readonly clusterId: string;
  readonly memberId: string;
}

/** Makes the header that every response carries. */
export class ResponseHeaders {
  readonly #clusterId: bigint;
  readonly #memberId: bigint;
  readonly #currentTerm: () => number;

  constructor({ clusterId, memberId }: Identity, currentTerm: () => number) {
    this.#clusterId = unsignedId(clusterId);
    this.#memberId = unsignedId(memberId);
    this.#currentTerm = currentTerm;
  }

  /** `revision` is left out of the answers that are not about the store: 0. */
  header(revision = 0): ResponseHeader {
    return create(ResponseHeaderSchema, {
      clusterId: this.#clusterId,
      memberId: this.#memberId,
      revision: BigInt(revision),
      raftTerm: BigInt(this.#currentTerm()),
    });
  }
}
