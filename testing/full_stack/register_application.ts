import type { CommittedLog } from "../invariants/committed_log.ts";
import type { SeededRandom } from "../seeded_random.ts";
import { commandOf } from "../simulation/command.ts";
import type { Application, ClientWorld, MachineResources } from "./application.ts";
import { expect } from "../violation.ts";
import { ClientHistory } from "./client_history.ts";
import type { DiskMarkCounts } from "./disk_marks.ts";
import { RegisterClient } from "./register_client.ts";
import { isLinearizable } from "./register_history.ts";
import { RegisterMachine } from "./register_machine.ts";

/** Registers, and clients with sessions, whose history must be linearizable. */
export class RegisterApplication implements Application<RegisterMachine> {
  readonly #history = new ClientHistory();
  #diskMarks: DiskMarkCounts | null = null;

  createMachine({ fileSystem, directory, configuration }: MachineResources): RegisterMachine {
    return new RegisterMachine({
      fileSystem,
      directory,
      chunkBytes: configuration.snapshotChunkBytes,
      fillerBytes: configuration.snapshotFillerBytes,
    });
  }

  createClient(
    world: ClientWorld<RegisterMachine>,
    random: SeededRandom,
    number: number,
  ): RegisterClient {
    this.#diskMarks = world.diskMarks;
    return new RegisterClient(world, { history: this.#history, random, number });
  }

  commandOf(data: Uint8Array): number {
    return commandOf(data);
  }

  waiting(): { readonly member: string; readonly what: string }[] {
    return [...this.#history.open].map(({ client, operation, member, attempts }) => ({
      member,
      what: `client ${client} with ${operation} ${attempts}`,
    }));
  }

  assertFollows(committed: CommittedLog): void {
    this.#history.assertFollows(committed);
    const isExplained = isLinearizable(this.#history.requests);
    expect(
      isExplained !== false,
      "linearizable",
      () => "no order of the requests explains what clients were answered",
    );
    // `null`: so many requests have no answer that a search would take too long.
    this.#diskMarks?.hit("history explained", isExplained === true ? 1 : 0);
  }
}
