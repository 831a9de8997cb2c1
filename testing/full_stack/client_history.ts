import type { CommittedLog } from "../invariants/committed_log.ts";
import { expect } from "../violation.ts";
import { decodeRegisterCommand, type RegisterOperation } from "./register_command.ts";
import { type RegisterResult, RegisterState } from "./register_state.ts";

/** What a client knows of its request once it waits no longer. */
export type RequestOutcome =
  /** It was answered. */
  | "done"
  /** It certainly had no effect, and never will have. */
  | "dropped"
  /** It may have had an effect, or may still have it. */
  | "unknown";

/** One request of a client, with all its attempts. */
export interface RecordedRequest {
  readonly client: number;
  readonly operation: RegisterOperation | "read";
  readonly register: number;
  /** Position in the order of all beginnings and ends. */
  readonly begin: number;
  /** Highest index that was known to any client when it began. */
  readonly floor: number;
  /** Ids of the attempts, of which one at most takes effect. Empty for a read. */
  readonly attempts: number[];
  /** Whom it waits for. */
  member: string;
  end: number | null;
  outcome: RequestOutcome | null;
  /** Index at which it took effect or was read, where that is known. */
  index: number | null;
  /** What it was answered: the value before, for a command, and the value then. */
  previous: number | null;
  value: number | null;
}

/** What a request was answered. */
export interface RequestAnswer {
  readonly index: number | null;
  readonly previous: number | null;
  readonly value: number | null;
}

/** Everything that clients asked for and were told, in order. */
export class ClientHistory {
  readonly #requests: RecordedRequest[] = [];
  readonly #open = new Set<RecordedRequest>();
  #clock = 0;
  /** Highest index at which a finished request is known to have taken effect. */
  #known = 0;

  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** Requests that wait for an answer. */
  get open(): ReadonlySet<RecordedRequest> {
    return this.#open;
  }

  begin(
    { client, operation, register }: Pick<RecordedRequest, "client" | "operation" | "register">,
  ): RecordedRequest {
    const request: RecordedRequest = {
      client,
      operation,
      register,
      begin: this.#tick(),
      floor: this.#known,
      attempts: [],
      member: "",
      end: null,
      outcome: null,
      index: null,
      previous: null,
      value: null,
    };
    this.#requests.push(request);
    this.#open.add(request);
    return request;
  }

  finish(request: RecordedRequest, { index, previous, value }: RequestAnswer): void {
    Object.assign(request, { index, previous, value });
    this.#end(request, "done");
    // What comes later in real time must not come before it in the log.
    const isRead = request.operation === "read";
    expect(
      index === null || index > request.floor || (isRead && index === request.floor),
      "linearizable",
      () =>
        `${describe(request)} took effect at ${index}; ${request.floor} was known when it began`,
    );
    this.#known = Math.max(this.#known, index ?? 0);
  }

  giveUp(request: RecordedRequest, outcome: "dropped" | "unknown"): void {
    this.#end(request, outcome);
  }

  /**
   * Replays the committed log by the definition of its commands, and compares
   * each answer with it. Together with the order of the indexes, this shows the
   * history to be linearizable: the log is the witness.
   */
  assertFollows(committed: CommittedLog): void {
    const state = new RegisterState();
    const reads = this.#requests.filter(({ operation, outcome }) =>
      operation === "read" && outcome === "done"
    ).sort((one, other) => (one.index ?? 0) - (other.index ?? 0));
    const results = new Map<number, LoggedResult>();
    let nextRead = 0;
    for (let index = 0; index <= committed.lastIndex; index += 1) {
      const entry = committed.at(index)?.entry;
      const result = entry === undefined ? null : state.apply(entry);
      if (entry !== undefined && result !== null) {
        results.set(decodeRegisterCommand(entry.data).id, { ...result, position: index });
      }
      for (let read = reads[nextRead]; read?.index === index; read = reads[nextRead]) {
        assertEqual(read, "value", state.read(read.register));
        nextRead += 1;
      }
    }
    for (const read of reads.slice(nextRead)) {
      expect(
        false,
        "linearizable",
        () => `${describe(read)} was answered; the log ends with ${committed.lastIndex}`,
      );
    }
    this.#requests.filter(({ operation }) => operation !== "read").forEach((request) => {
      assertAnswer(request, results);
    });
  }

  #end(request: RecordedRequest, outcome: RequestOutcome): void {
    request.end = this.#tick();
    request.outcome = outcome;
    this.#open.delete(request);
  }

  #tick(): number {
    this.#clock += 1;
    return this.#clock;
  }
}

/** What became of an attempt, and where it stands in the log. */
type LoggedResult = RegisterResult & { readonly position: number };

function assertAnswer(
  request: RecordedRequest,
  results: ReadonlyMap<number, LoggedResult>,
): void {
  // The attempt that comes first in the log is the one that counts.
  const [first] = request.attempts.map((id) => results.get(id))
    .filter((result) => result !== undefined)
    .sort((one, other) => one.position - other.position);
  expect(
    request.outcome !== "dropped" || first === undefined,
    "exactly once",
    () => `${describe(request)} was dropped, and is in the log`,
  );
  if (request.outcome !== "done") {
    return;
  }
  expect(
    first !== undefined,
    "exactly once",
    () => `${describe(request)} was answered, and is not in the log`,
  );
  for (const part of ["index", "previous", "value"] as const) {
    if (request[part] !== null) {
      assertEqual(request, part, first[part]);
    }
  }
}

function assertEqual(
  request: RecordedRequest,
  part: "index" | "previous" | "value",
  wanted: number,
): void {
  expect(
    request[part] === wanted,
    "linearizable",
    () => `${describe(request)} was answered ${part} ${request[part]}, by the log it is ${wanted}`,
  );
}

function describe({ client, operation, register, attempts, index }: RecordedRequest): string {
  return `client ${client}'s ${operation} of register ${register}` +
    (operation === "read" ? ` at ${index}` : ` (attempts ${attempts})`);
}
