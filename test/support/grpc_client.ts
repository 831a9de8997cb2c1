import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from "node:http2";
import { NoAnswerError } from "./kv_client.ts";

/** How a gRPC call was answered. */
export interface GrpcAnswer {
  readonly httpStatus: number;
  readonly headers: IncomingHttpHeaders;
  /** `grpc-status`; NaN if the answer had none. */
  readonly code: number;
  /** `grpc-message`, decoded. */
  readonly message: string;
  readonly messages: readonly Uint8Array[];
}

/** One HTTP/2 connection for calls whose every byte the test decides. */
export class GrpcConnection implements Disposable {
  readonly session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
    session.on("error", () => {}); // The streams on it report it.
  }

  static async open(url: string): Promise<GrpcConnection> {
    const connection = new GrpcConnection(connect(url));
    await once(connection.session, "connect");
    return connection;
  }

  /**
   * Sends `body` as the whole body of a call.
   *
   * @throws {NoAnswerError} if the stream or the connection ended before the answer.
   */
  async call(
    path: string,
    body: Uint8Array,
    headers: OutgoingHttpHeaders = {},
  ): Promise<GrpcAnswer> {
    return await answerOf(this.#request(path, headers), (stream) => stream.end(body));
  }

  /** Sends messages, each in a frame of its own. */
  async send(
    path: string,
    message: Uint8Array,
    headers: OutgoingHttpHeaders = {},
  ): Promise<GrpcAnswer> {
    return await this.call(path, grpcFrame(message), headers);
  }

  [Symbol.dispose](): void {
    this.session.destroy();
  }

  #request(path: string, headers: OutgoingHttpHeaders): ClientHttp2Stream {
    if (this.session.closed || this.session.destroyed) {
      throw new NoAnswerError("The connection is closed", { refused: true });
    }
    return this.session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
  }
}

/** A message in its frame: a flag, the length in four bytes, the message. */
export function grpcFrame(
  message: Uint8Array,
  { flag = 0, length = message.length }: { readonly flag?: number; readonly length?: number } = {},
): Uint8Array {
  const frame = new Uint8Array(5 + message.length);
  frame[0] = flag;
  new DataView(frame.buffer).setUint32(1, length);
  frame.set(message, 5);
  return frame;
}

async function answerOf(
  stream: ClientHttp2Stream,
  start: (stream: ClientHttp2Stream) => void,
): Promise<GrpcAnswer> {
  let headers: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
  let trailers: IncomingHttpHeaders = {};
  const chunks: Uint8Array[] = [];
  stream.on("response", (received) => headers = received);
  stream.on("trailers", (received) => trailers = received);
  stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  // An early answer may be followed by a reset that tells the sender to stop sending.
  stream.on("error", () => {});
  const closed = new Promise((resolve) => stream.once("close", resolve));
  start(stream);
  await closed;
  const status = trailers["grpc-status"] ?? headers["grpc-status"];
  if (headers[":status"] === undefined || (status === undefined && headers[":status"] === 200)) {
    const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
    throw new NoAnswerError(`No answer, the stream was reset with ${stream.rstCode}`, { refused });
  }
  return {
    httpStatus: headers[":status"],
    headers: { ...headers, ...trailers },
    code: Number(status),
    message: decodeURIComponent(String(trailers["grpc-message"] ?? headers["grpc-message"] ?? "")),
    messages: messagesOf(Buffer.concat(chunks)),
  };
}

function messagesOf(body: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const length = new DataView(body.buffer, body.byteOffset).getUint32(at + 1);
    messages.push(body.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return messages;
}
