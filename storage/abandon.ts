import type { OpenFile } from "./file_system.ts";

/**
 * Closes a file of which all that matters has been said: what it held is durable,
 * or something has failed that is to be told instead of a failure to close it. The
 * process has let go of it in any case.
 */
export async function abandon(file: Pick<OpenFile, "close">): Promise<void> {
  try {
    await file.close();
  } catch {
    // Nothing depends on it any more.
  }
}
