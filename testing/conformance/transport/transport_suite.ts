import type { NodeId, Transport } from "../../../raft/mod.ts";
import { CUT_CASES } from "./transport_cut_cases.ts";
import { LIFE_CASES } from "./transport_life_cases.ts";
import { MESSAGE_CASES } from "./transport_message_cases.ts";
import { SNAPSHOT_CASES } from "./transport_snapshot_cases.ts";
import { SNAPSHOT_FAILURE_CASES } from "./transport_snapshot_failure_cases.ts";
import { TransportStage } from "./transport_stage.ts";

/**
 * The members `a`, `b` and `c`, as an implementation joins them for one case.
 * Each case gets a fresh one.
 */
export interface TransportTestbed {
  /**
   * A transport of a member, not started. When it is called again for the same
   * member, the transport before was closed: it is the member's next life.
   */
  open(id: NodeId): Transport | Promise<Transport>;
  /** Lets the network work for a moment: some milliseconds, real or virtual. */
  pass(): Promise<void>;
  /** Ability `cuts`: from now on two members do not reach each other. */
  cut?(one: NodeId, other: NodeId): void | Promise<void>;
  /** Ability `cuts`: all members reach each other again. */
  heal?(): void | Promise<void>;
  /** The case has ended, and all transports are closed. */
  close(): void | Promise<void>;
}

/** What only some implementations, or their testbeds, can do. */
export type TransportAbility = "cuts";

/** What the suite has to know of an implementation. */
export interface TransportSuiteOptions {
  openTestbed(): TransportTestbed | Promise<TransportTestbed>;
  /** Default: none. */
  readonly supports?: readonly TransportAbility[];
  /** Bytes of messages that may wait for one member, with what the system itself holds. */
  readonly queueBytesMax: number;
  /** Bytes of a snapshot that may be between both ends, with what the system itself holds. */
  readonly snapshotBufferBytesMax: number;
  /** Size of the largest message's data. Default: 1 MiB, as much as Raft sends by default. */
  readonly messageDataBytesMax?: number;
  /**
   * How often time passes before the suite gives up on something that must
   * happen at some time. Default: 500; more where it takes long to reconnect.
   */
  readonly passesMax?: number;
  /** How often time passes before something counts as not happening. Default: 20. */
  readonly quietPasses?: number;
}

/** One requirement on a transport. */
export interface TransportCase {
  /** The requirement, as a sentence. */
  readonly name: string;
  /** Rejects with `TransportRequirementError` if it is not met. */
  run(): Promise<void>;
}

/**
 * The conformance suite of `Transport`. It asks for nothing that the interface
 * does not promise: it sends again what may have been lost, and takes no order
 * for granted.
 *
 * ```ts
 * for (const requirement of transportCases({ openTestbed, queueBytesMax, snapshotBufferBytesMax })) {
 *   test(`MyTransport: ${requirement.name}`, async (t) => {
 *     await t.notThrowsAsync(() => requirement.run());
 *   });
 * }
 * ```
 */
export function transportCases(options: TransportSuiteOptions): TransportCase[] {
  const { supports = [] } = options;
  return [
    ...MESSAGE_CASES,
    ...LIFE_CASES,
    ...SNAPSHOT_CASES,
    ...SNAPSHOT_FAILURE_CASES,
    ...(supports.includes("cuts") ? CUT_CASES : []),
  ].map(([name, play]) => ({
    name,
    async run() {
      const stage = new TransportStage(await options.openTestbed(), options);
      try {
        await play(stage);
      } finally {
        await stage.close();
      }
    },
  }));
}
