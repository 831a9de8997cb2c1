import type { Readable } from "node:stream";

/**
 * Largest body that is read: the largest message in base64, with room for the
 * JSON around it and for line breaks that people put into it.
 */
export const BODY_BYTES_MAX: number = 4 * 1024 * 1024;

/** A body was longer than `BODY_BYTES_MAX`. */
export class BodyTooLargeError extends Error {
  readonly code = "BODY_TOO_LARGE";

  constructor() {
    super(`Request body larger than ${BODY_BYTES_MAX} bytes`);
    this.name = "BodyTooLargeError";
  }
}

/**
 * Reads a whole body.
 *
 * @throws {BodyTooLargeError} as soon as it has become too large; the rest is not kept.
 */
export function readBody(source: Readable): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    source.on("data", (chunk: Uint8Array) => {
      length += chunk.length;
      if (length > BODY_BYTES_MAX) {
        source.removeAllListeners("data");
        source.resume();
        reject(new BodyTooLargeError());
        return;
      }
      chunks.push(chunk);
    });
    source.on("end", () => resolve(Buffer.concat(chunks)));
    source.on("error", reject);
  });
}
