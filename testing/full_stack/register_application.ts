import type { CommittedLog } from "../invariants/committed_log.ts";
import type { SeededRandom } from "../seeded_random.ts";
import { commandOf } from "../simulation/command.ts";
import type { Application, ClientWorld, MachineResources } from "./application.ts";
import { ClientHistory } from "./client_history.ts";
import { RegisterClient } from "./register_client.ts";
import { RegisterMachine } from "./register_machine.ts";

/** Registers, and clients with sessions, whose history must be linearizable. */
export class RegisterApplication implements Application<RegisterMachine> {
  readonly #history = new ClientHistory();

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
  }
}
