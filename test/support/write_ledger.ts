import { type KvClient, type RangeAnswer, RefusedError, type StoredKey } from "./kv_client.ts";

/** A change of one key; without a value it is a deletion. */
export interface KeyChange {
  readonly key: string;
  readonly value: string | null;
}

/** A change that is known to have happened; at which revision, only its answer could tell. */
interface PastChange {
  readonly revision: number | null;
  readonly value: string | null;
}

/** What was done and what became of it. */
export interface LedgerCounts {
  readonly putsAcknowledged: number;
  readonly deletesAcknowledged: number;
  /** Of a key that was not there. */
  readonly deletesOfNothing: number;
  /** Changes whose answer never came, and which were found to have happened. */
  readonly unansweredHappened: number;
  /** Likewise, and there was no trace of them. */
  readonly unansweredLost: number;
  /** Changes that were found at their revision. */
  readonly revisionsVerified: number;
}

/** What a server is held to. */
export interface DifferenceOptions {
  /** All keys of the ledger. */
  readonly keys: { readonly key: string; readonly rangeEnd: string };
  /** Which changes without an answer may have happened. Default: each of them. */
  readonly mayHaveHappened?: (change: KeyChange) => boolean;
  /** Whether what was found at its revision before is looked for again. Default: "all". */
  readonly past?: "all" | "new";
}

/** What clients have tried to write and what was acknowledged to them, to hold a server to it. */
export class WriteLedger {
  readonly #past = new Map<string, PastChange[]>();
  /** Sent, and not answered. Invariant: at most one of each key. */
  readonly #unanswered = new Map<string, KeyChange>();
  /** Found at their revisions before. */
  readonly #verified = new Set<PastChange>();
  readonly #problems: string[] = [];
  #counts: Record<keyof LedgerCounts, number> = {
    putsAcknowledged: 0,
    deletesAcknowledged: 0,
    deletesOfNothing: 0,
    unansweredHappened: 0,
    unansweredLost: 0,
    revisionsVerified: 0,
  };
  #revisionMax = 1;

  /** Writes that were acknowledged and changed something. */
  get acknowledged(): number {
    return this.#counts.putsAcknowledged + this.#counts.deletesAcknowledged;
  }

  get counts(): LedgerCounts {
    return { ...this.#counts };
  }

  /** Changes that were sent and not answered. */
  get unanswered(): readonly KeyChange[] {
    return [...this.#unanswered.values()];
  }

  /** The value that a key has after all that was acknowledged, `null` if it is absent. */
  valueOf(key: string): string | null {
    return this.#past.get(key)?.at(-1)?.value ?? null;
  }

  /** Call this before a change is sent. One key's changes must be sent one after the other. */
  sent(change: KeyChange): void {
    if (this.#unanswered.has(change.key)) {
      throw new Error(`Two changes of ${change.key} at once`);
    }
    this.#unanswered.set(change.key, change);
  }

  acknowledgedPut(key: string, revision: number): void {
    this.#acknowledge(key, revision);
  }

  acknowledgedDelete(
    key: string,
    answer: { readonly deleted: number; readonly revision: number },
  ): void {
    const expected = this.valueOf(key) === null ? 0 : 1;
    if (answer.deleted !== expected) {
      this.#problems.push(`delete ${key} deleted ${answer.deleted} keys instead of ${expected}`);
    }
    if (expected === 0) {
      this.#unanswered.delete(key);
      this.#counts.deletesOfNothing += 1;
    } else {
      this.#acknowledge(key, answer.revision);
    }
  }

  /** The server has said that it did not do it. */
  refused(key: string): void {
    this.#unanswered.delete(key);
  }

  /**
   * Everything in which a server, whose only writer this was, differs from what
   * it has acknowledged. A change without an answer may have happened or not,
   * where `mayHaveHappened` does not say that it must not.
   */
  async differences(
    client: KvClient,
    { keys, mayHaveHappened = () => true, past = "all" }: DifferenceOptions,
  ): Promise<string[]> {
    const found = await client.range(keys);
    const byKey = new Map(found.kvs.map((kv) => [kv.key, kv]));
    this.#settleUnanswered(byKey, mayHaveHappened);
    return [
      ...this.#problems,
      ...this.#keyDifferences(byKey),
      ...this.#revisionDifferences(found),
      ...await this.#pastDifferences(client, past),
    ];
  }

  #acknowledge(key: string, revision: number): void {
    const change = this.#unanswered.get(key);
    if (change === undefined) {
      throw new Error(`An answer to a change of ${key} that was not sent`);
    }
    this.#unanswered.delete(key);
    const before = this.#past.get(key)?.findLast((past) => past.revision !== null)?.revision ?? 1;
    if (revision <= before) {
      this.#problems.push(`${key} was changed at ${before}, and after that at ${revision}`);
    }
    this.#happened(change, revision);
    this.#counts[change.value === null ? "deletesAcknowledged" : "putsAcknowledged"] += 1;
    this.#revisionMax = Math.max(this.#revisionMax, revision);
  }

  #happened({ key, value }: KeyChange, revision: number | null): void {
    const past = this.#past.get(key) ?? [];
    past.push({ revision, value });
    this.#past.set(key, past);
  }

  /** Finds out by the keys, each of whose values was written only once, what happened of them. */
  #settleUnanswered(
    found: ReadonlyMap<string, StoredKey>,
    mayHaveHappened: (change: KeyChange) => boolean,
  ): void {
    for (const change of this.#unanswered.values()) {
      const kv = found.get(change.key);
      const happened = change.value === null
        ? kv === undefined && this.valueOf(change.key) !== null
        : kv?.value === change.value;
      this.#counts[happened ? "unansweredHappened" : "unansweredLost"] += 1;
      if (happened) {
        this.#happened(change, change.value === null ? null : kv?.modRevision ?? null);
      }
      if (happened && !mayHaveHappened(change)) {
        this.#problems.push(`${change.key} was changed without an answer`);
      }
    }
    this.#unanswered.clear();
  }

  #keyDifferences(found: ReadonlyMap<string, StoredKey>): string[] {
    const invented = [...found.keys()].filter((key) => this.valueOf(key) === null);
    const wrong = [...this.#past].flatMap(([key, past]) => {
      const expected = storedKeyOf(past);
      const actual = found.get(key);
      return sameKey(expected, actual)
        ? []
        : [`${key} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`];
    });
    return [...invented.map((key) => `${key} is there, but should not be`), ...wrong];
  }

  /** Each change has a revision of its own, and they leave no gap. */
  #revisionDifferences({ header, count, kvs }: RangeAnswer): string[] {
    const changes = [...this.#past.values()].flat();
    const known = changes.flatMap(({ revision }) => revision === null ? [] : [revision]);
    const problems = [];
    if (new Set(known).size !== known.length) {
      problems.push("two changes have one revision");
    }
    if (header.revision !== changes.length + 1) {
      problems.push(`${changes.length} changes, but the revision is ${header.revision}`);
    }
    if (header.revision < this.#revisionMax) {
      problems.push(`revision ${this.#revisionMax} was acknowledged, but it is ${header.revision}`);
    }
    if (count !== kvs.length) {
      problems.push(`the count is ${count}, but there are ${kvs.length} keys`);
    }
    return problems;
  }

  /** Each change is to be found at its revision. */
  async #pastDifferences(client: KvClient, which: "all" | "new"): Promise<string[]> {
    const rest = [...this.#past]
      .flatMap(([key, past]) => past.map((change) => ({ key, change })))
      .filter(({ change }) => which === "all" || !this.#verified.has(change))
      .values();
    const problems: string[] = [];
    await Promise.all(Array.from({ length: 64 }, async () => {
      for (const { key, change } of rest) {
        problems.push(...await pastDifference(client, key, change));
        this.#verified.add(change);
        this.#counts.revisionsVerified += change.revision === null ? 0 : 1;
      }
    }));
    return problems;
  }
}

async function pastDifference(
  client: KvClient,
  key: string,
  { value, revision }: PastChange,
): Promise<string[]> {
  if (revision === null) {
    return [];
  }
  try {
    const { kvs: [kv] } = await client.range({ key, revision });
    const right = value === null
      ? kv === undefined
      : kv?.value === value && kv.modRevision === revision;
    return right ? [] : [`${key} at ${revision} is ${JSON.stringify(kv)} instead of ${value}`];
  } catch (error) {
    if (error instanceof RefusedError) {
      return [`${key} at ${revision} is refused: ${error.message}`];
    }
    throw error;
  }
}

interface ExpectedKey {
  readonly value: string;
  readonly version: number;
  readonly createRevision: number | null;
  readonly modRevision: number | null;
}

/** What is stored of a key after these changes. */
function storedKeyOf(past: readonly PastChange[]): ExpectedKey | undefined {
  const first = past.findLastIndex(({ value }) => value === null) + 1;
  const puts = past.slice(first);
  const [created, last] = [puts.at(0), puts.at(-1)];
  if (created === undefined || last === undefined || last.value === null) {
    return undefined;
  }
  return {
    value: last.value,
    version: puts.length,
    createRevision: created.revision,
    modRevision: last.revision,
  };
}

function sameKey(expected: ExpectedKey | undefined, actual: StoredKey | undefined): boolean {
  if (expected === undefined || actual === undefined) {
    return expected === actual;
  }
  return expected.value === actual.value && expected.version === actual.version &&
    (expected.createRevision ?? actual.createRevision) === actual.createRevision &&
    (expected.modRevision ?? actual.modRevision) === actual.modRevision;
}
