import type { Readable } from "node:stream";
import { GrpcCode } from "../errors.ts";
import {
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  jsonResponse,
} from "./http_message.ts";
import { BodyTooLargeError, readBody } from "./read_body.ts";

/** Where a response goes, in HTTP/1.1 or HTTP/2. */
export type RespondHttp = (response: HttpResponse) => void;

/** A request as Node has parsed it. */
export interface NodeRequest {
  readonly method: string;
  readonly url: string;
  readonly body: Readable;
}

/** Serves one request: reads its body, lets `handler` answer, and passes the answer on. */
export async function serveHttpRequest(
  request: NodeRequest,
  handler: HttpHandler,
  respond: RespondHttp,
): Promise<void> {
  const read = await readRequest(request);
  if (read === null) {
    return;
  }
  try {
    respond("status" in read ? read : await handler(read));
  } catch (error) {
    // A bug, but not one that leaves a client waiting.
    const message = error instanceof Error ? error.message : String(error);
    respond(jsonResponse(500, { code: GrpcCode.internal, message }));
  }
}

/** The whole request, the answer to one that is too large, or `null` if its client went away. */
async function readRequest(
  { method, url, body }: NodeRequest,
): Promise<HttpRequest | HttpResponse | null> {
  try {
    const [path = "", search = ""] = url.split("?", 2);
    return { method, path, query: new URLSearchParams(search), body: await readBody(body) };
  } catch (error) {
    return error instanceof BodyTooLargeError
      ? jsonResponse(413, { code: GrpcCode.resourceExhausted, message: error.message })
      : null;
  }
}
