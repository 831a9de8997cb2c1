import {
  type AnswerHeader,
  type KeyRange,
  type KvClient,
  NoAnswerError,
  type RangeAnswer,
  RefusedError,
} from "./kv_client.ts";

/** How the JSON gateway answered. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, `undefined` if it is not JSON. */
  readonly body: unknown;
}

/** Posts a body to the JSON gateway as it is, or what `JSON.stringify` makes of an object. */
export async function postJson(url: string, body: object | string): Promise<JsonAnswer> {
  const response = await fetch(url, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return await jsonAnswer(response);
}

export async function jsonAnswer(response: Response): Promise<JsonAnswer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

/** The key-value service over HTTP/1.1 and JSON. */
export class JsonClient implements KvClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async put(key: string, value: string): Promise<number> {
    const answer = await this.#call<{ header: JsonHeader }>("put", {
      key: base64(key),
      value: base64(value),
    });
    return Number(answer.header.revision);
  }

  async delete(key: string): Promise<{ readonly deleted: number; readonly revision: number }> {
    const answer = await this.#call<{ header: JsonHeader; deleted?: string }>("deleterange", {
      key: base64(key),
    });
    return { deleted: Number(answer.deleted ?? 0), revision: Number(answer.header.revision) };
  }

  async range({ key, rangeEnd, revision }: KeyRange): Promise<RangeAnswer> {
    const answer = await this.#call<JsonRange>("range", {
      key: base64(key),
      range_end: base64(rangeEnd ?? ""),
      revision: String(revision ?? 0),
    });
    return {
      header: headerOf(answer.header),
      count: Number(answer.count ?? 0),
      kvs: (answer.kvs ?? []).map((kv) => ({
        key: textOf(kv.key),
        value: textOf(kv.value ?? ""),
        createRevision: Number(kv.create_revision),
        modRevision: Number(kv.mod_revision),
        version: Number(kv.version),
      })),
    };
  }

  async #call<T>(method: string, request: object): Promise<T> {
    const answer = await postJson(`${this.#url}/v3/kv/${method}`, request).catch((cause) => {
      const why = `No answer to ${method}: ${causeOf(cause)}`;
      throw new NoAnswerError(why, { refused: isUnsent(cause), cause });
    });
    if (answer.status !== 200) {
      const { code, message } = answer.body as { code: number; message: string };
      throw new RefusedError(code, message);
    }
    return answer.body as T;
  }
}

interface JsonHeader {
  readonly cluster_id: string;
  readonly member_id: string;
  readonly revision: string;
  readonly raft_term: string;
}

interface JsonRange {
  readonly header: JsonHeader;
  readonly count?: string;
  readonly kvs?: readonly {
    readonly key: string;
    readonly value?: string;
    readonly create_revision: string;
    readonly mod_revision: string;
    readonly version: string;
  }[];
}

function headerOf(header: JsonHeader): AnswerHeader {
  return {
    clusterId: header.cluster_id,
    memberId: header.member_id,
    revision: Number(header.revision),
    raftTerm: Number(header.raft_term),
  };
}

/** No connection came about, so nothing was sent. */
function isUnsent(error: unknown): boolean {
  return causeOf(error).startsWith("ECONNREFUSED");
}

/** What `fetch` says only in the cause of its error. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause ?? error : error;
  return cause instanceof Error && "code" in cause
    ? `${cause.code} ${cause.message}`
    : String(cause);
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function textOf(encoded: string): string {
  return Buffer.from(encoded, "base64").toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
