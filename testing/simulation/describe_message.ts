import type { Message } from "../../raft/mod.ts";

/** A message as a line of text, but for the bytes of its entries. */
export function describeMessage(message: Message): string {
  const { type, from, to, term, ...rest } = message;
  return `${from}->${to} ${type} term ${term} ${
    JSON.stringify(rest, (key, value) => key === "data" ? undefined : value)
  }`;
}
