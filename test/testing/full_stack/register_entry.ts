import type { Entry } from "../../../raft/mod.ts";
import {
  encodeRegisterCommand,
  type RegisterCommand,
} from "../../../testing/full_stack/register_command.ts";

/** An entry with a command, by default a write to register 1 by a client of its own. */
export function commandEntry(
  index: number,
  command: Partial<RegisterCommand> & { readonly id: number },
  term = 1,
): Entry {
  const whole: RegisterCommand = {
    operation: "write",
    register: 1,
    client: command.id,
    sequence: 1,
    ...command,
  };
  return { index, term, kind: "command", data: encodeRegisterCommand(whole, 0) };
}
