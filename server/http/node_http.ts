import type { Readable } from "node:stream";
import { type HttpHandler, type HttpResponse, jsonResponse } from "./http_message.ts";
import { GrpcCode } from "../errors.ts";
import { BodyTooLargeError, readBody } from "./read_body.ts";

/** Where a response goes, in HTTP/1.1 or HTTP/2. */
export type RespondHttp = (response: HttpResponse) => void;

/**
 * Serves one request that Node has parsed: reads its body, lets `handler`
 * answer, and passes the answer on.
 */
export async function serveHttpRequest(
  { method, url, body }: { readonly method: string; readonly url: string; readonly body: Readable },
  handler: HttpHandler,
  respond: RespondHttp,
): Promise<void> {
  try {
    const [path = "", search = ""] = url.split("?", 2);
    const query = new URLSearchParams(search);
    respond(await handler({ method, path, query, body: await readBody(body) }));
  } catch (error) {
    if (error instanceof BodyTooLargeError) {
      respond(jsonResponse(413, { code: GrpcCode.resourceExhausted, message: error.message }));
    }
    // Otherwise the client went away in the middle of its request: nobody to answer.
  }
}
