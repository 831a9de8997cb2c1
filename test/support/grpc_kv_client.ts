import {
  create,
  type DescMessage,
  fromBinary,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  DeleteRangeRequestSchema,
  DeleteRangeResponseSchema,
  PutRequestSchema,
  PutResponseSchema,
  RangeRequestSchema,
  RangeResponseSchema,
  type ResponseHeader,
} from "../../proto/mod.ts";
import { GrpcConnection } from "./grpc_client.ts";
import {
  type AnswerHeader,
  type KeyRange,
  type KvClient,
  NoAnswerError,
  type RangeAnswer,
  RefusedError,
} from "./kv_client.ts";

/** The key-value service over one gRPC connection. */
export class GrpcKvClient implements KvClient, Disposable {
  readonly #connection: GrpcConnection;

  constructor(connection: GrpcConnection) {
    this.#connection = connection;
  }

  static async open(url: string): Promise<GrpcKvClient> {
    return new GrpcKvClient(await GrpcConnection.open(url));
  }

  async put(key: string, value: string): Promise<number> {
    const request = create(PutRequestSchema, { key: bytes(key), value: bytes(value) });
    const { header } = await this.#call(
      "Put",
      toBinary(PutRequestSchema, request),
      PutResponseSchema,
    );
    return headerOf(header).revision;
  }

  async delete(key: string): Promise<{ readonly deleted: number; readonly revision: number }> {
    const request = create(DeleteRangeRequestSchema, { key: bytes(key) });
    const { header, deleted } = await this.#call(
      "DeleteRange",
      toBinary(DeleteRangeRequestSchema, request),
      DeleteRangeResponseSchema,
    );
    return { deleted: Number(deleted), revision: headerOf(header).revision };
  }

  async range({ key, rangeEnd = "", revision = 0 }: KeyRange): Promise<RangeAnswer> {
    const request = create(RangeRequestSchema, {
      key: bytes(key),
      rangeEnd: bytes(rangeEnd),
      revision: BigInt(revision),
    });
    const { header, kvs, count } = await this.#call(
      "Range",
      toBinary(RangeRequestSchema, request),
      RangeResponseSchema,
    );
    return {
      header: headerOf(header),
      count: Number(count),
      kvs: kvs.map((kv) => ({
        key: text(kv.key),
        value: text(kv.value),
        createRevision: Number(kv.createRevision),
        modRevision: Number(kv.modRevision),
        version: Number(kv.version),
      })),
    };
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }

  async #call<Answer extends DescMessage>(
    method: string,
    request: Uint8Array,
    answerSchema: Answer,
  ): Promise<MessageShape<Answer>> {
    const answer = await this.#connection.send(`/etcdserverpb.KV/${method}`, request);
    if (answer.code !== 0) {
      throw new RefusedError(answer.code, answer.message);
    }
    const [message] = answer.messages;
    if (message === undefined) {
      throw new NoAnswerError("The status is OK, but there is no message", { refused: false });
    }
    return fromBinary(answerSchema, message);
  }
}

function headerOf(header: ResponseHeader | undefined): AnswerHeader {
  return {
    clusterId: String(header?.clusterId),
    memberId: String(header?.memberId),
    revision: Number(header?.revision),
    raftTerm: Number(header?.raftTerm),
  };
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
