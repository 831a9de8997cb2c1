import { type KvClient, NoAnswerError, RefusedError } from "./kv_client.ts";
import type { SeededRandom } from "./seeded_random.ts";
import type { WriteLedger } from "./write_ledger.ts";

/** All keys of a load are in here. */
export const LOAD_KEYS = { key: "load/", rangeEnd: "load0" } as const;

export interface LoadOptions {
  readonly ledger: WriteLedger;
  readonly random: SeededRandom;
  /** Each client is shared by several writers. */
  readonly clients: readonly [KvClient, ...KvClient[]];
  readonly writers: number;
  readonly keysPerWriter: number;
  /** Told of each acknowledgement. */
  readonly onAcknowledged: () => void;
}

/** Why a writer stopped. */
export type WriterEnd = NoAnswerError | RefusedError;

/**
 * Writers put and delete keys of their own, each one thing after the other, all
 * at the same time, until a request fails. Returns what each of them ended with.
 */
export async function writeUntilFailure(options: LoadOptions): Promise<WriterEnd[]> {
  // Chance is drawn by each writer for itself, as what it meets next depends on the network.
  return await Promise.all(
    Array.from({ length: options.writers }, (_, writer) => writeAs(writer, options)),
  );
}

async function writeAs(writer: number, options: LoadOptions): Promise<WriterEnd> {
  const { clients, keysPerWriter, ledger, random } = options;
  const client = clients[writer % clients.length] ?? clients[0];
  for (let count = 0;; count += 1) {
    const key = `load/${writer}/${random.int(0, keysPerWriter)}`;
    // Values are never repeated, so that one found tells which write it came from.
    const value = `${key} ${ledger.acknowledged} ${count} ${random.int(0, 2 ** 32)}`;
    try {
      await (random.int(0, 5) === 0
        ? deleteKey(client, ledger, key)
        : putKey(client, ledger, { key, value }));
    } catch (error) {
      if (error instanceof NoAnswerError || error instanceof RefusedError) {
        return error;
      }
      throw error;
    }
    options.onAcknowledged();
  }
}

async function putKey(
  client: KvClient,
  ledger: WriteLedger,
  { key, value }: { readonly key: string; readonly value: string },
): Promise<void> {
  ledger.sent({ key, value });
  ledger.acknowledgedPut(key, await client.put(key, value));
}

async function deleteKey(client: KvClient, ledger: WriteLedger, key: string): Promise<void> {
  ledger.sent({ key, value: null });
  ledger.acknowledgedDelete(key, await client.delete(key));
}
