/** Bytes of the smallest command: its id. */
export const COMMAND_BYTES_MIN = 4;

/** A command with an id of its own, padded to `length` bytes. */
export function encodeCommand(id: number, length: number = COMMAND_BYTES_MIN): Uint8Array {
  const data = new Uint8Array(Math.max(length, COMMAND_BYTES_MIN));
  data[0] = id >>> 24;
  data[1] = id >>> 16;
  data[2] = id >>> 8;
  data[3] = id;
  return data;
}

/** The id of a command. */
export function commandOf(data: Uint8Array): number {
  return (((data[0] ?? 0) << 24) | ((data[1] ?? 0) << 16) | ((data[2] ?? 0) << 8) |
    (data[3] ?? 0)) >>>
    0;
}
