import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { GrpcCode, RpcError } from "../errors.ts";
import { REQUEST_BYTES_MAX } from "../proposer.ts";
import type { RpcTable } from "../rpc.ts";
import { encodeFrame, UnaryFrameReader } from "./frame.ts";
import { encodeStatusMessage, parseTimeoutMs } from "./metadata.ts";
import { answerUnaryCall } from "./unary_call.ts";

/** Largest gRPC message that is received: etcd leaves this much for what is around a request. */
export const MESSAGE_BYTES_MAX: number = REQUEST_BYTES_MAX + 512 * 1024;

/** Whether a stream of HTTP/2 carries a gRPC call. */
export function isGrpc(headers: IncomingHttpHeaders): boolean {
  return /^application\/grpc($|[+;])/.test(headers["content-type"] ?? "");
}

/** Serves one gRPC call on a stream of `node:http2`. */
export function serveGrpcStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rpcs: RpcTable,
): void {
  const reader = new UnaryFrameReader(MESSAGE_BYTES_MAX, textOf(headers["grpc-encoding"]));
  const reply = new GrpcReply(stream, parseTimeoutMs(textOf(headers["grpc-timeout"])));
  stream.on("data", (chunk: Uint8Array) => {
    try {
      reader.push(chunk);
    } catch (error) {
      stream.removeAllListeners("data");
      stream.removeAllListeners("end");
      stream.resume();
      reply.fail(error as RpcError);
    }
  });
  stream.on("end", () => {
    if (reply.isOver || reply.maybeExpire()) {
      return;
    }
    try {
      const request = reader.end();
      answerUnaryCall(rpcs, String(headers[":path"]), request).then(
        (message) => reply.succeed(message),
        (error: RpcError) => reply.fail(error),
      );
    } catch (error) {
      reply.fail(error as RpcError);
    }
  });
  // A client that is gone is no error of ours; the call's outcome just has no reader.
  stream.on("error", () => reply.abandon());
  stream.on("close", () => reply.abandon());
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** The one answer of a unary call: given once, by the call or by its deadline. */
class GrpcReply {
  readonly #stream: ServerHttp2Stream;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #deadlineMs: number;
  #isOver = false;

  constructor(stream: ServerHttp2Stream, timeoutMs: number | null) {
    this.#stream = stream;
    this.#deadlineMs = timeoutMs === null ? Infinity : performance.now() + timeoutMs;
    if (timeoutMs !== null) {
      this.#timer = setTimeout(() => this.#expire(), Math.min(Math.ceil(timeoutMs), TIMER_MS_MAX));
    }
  }

  /** Ends the call if its time is over, so that nothing is begun for it. */
  maybeExpire(): boolean {
    if (performance.now() < this.#deadlineMs) {
      return false;
    }
    this.#expire();
    return true;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  succeed(message: Uint8Array): void {
    if (this.#maybeEnd()) {
      const stream = this.#stream;
      stream.respond(RESPONSE_HEADERS, RESPONSE_OPTIONS);
      stream.on("wantTrailers", () => stream.sendTrailers(OK_TRAILERS));
      stream.end(encodeFrame(message));
    }
  }

  /** Without a message, the status goes into the one and only block of headers. */
  fail({ code, message }: RpcError): void {
    if (this.#maybeEnd()) {
      this.#stream.respond({
        ...RESPONSE_HEADERS,
        "grpc-status": String(code),
        "grpc-message": encodeStatusMessage(message),
      }, { endStream: true });
    }
  }

  #expire(): void {
    this.fail(new RpcError(GrpcCode.deadlineExceeded, "context deadline exceeded"));
  }

  abandon(): void {
    this.#maybeEnd();
  }

  #maybeEnd(): boolean {
    if (this.#isOver) {
      return false;
    }
    this.#isOver = true;
    clearTimeout(this.#timer);
    return !this.#stream.destroyed && !this.#stream.closed;
  }
}

const RESPONSE_HEADERS = { ":status": 200, "content-type": "application/grpc" };
const RESPONSE_OPTIONS = { waitForTrailers: true };
const OK_TRAILERS = { "grpc-status": "0" };

/** The longest delay that timers take. */
const TIMER_MS_MAX = 2 ** 31 - 1;
