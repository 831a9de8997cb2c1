import type {
  BackendOperation,
  BackendReader,
  BackendRecord,
  BackendScan,
} from "../../../storage/mod.ts";
import { demand } from "./backend_requirement.ts";

/** The bytes of a hexadecimal number. Hex sorts as bytes do. */
export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Stores a value of text. */
export function put(key: string, value: string, bucket = "a"): BackendOperation {
  return { bucket, key: bytes(key), value: new TextEncoder().encode(value) };
}

/** Stores so many bytes, which tell their number. */
export function putBytes(key: string, lengthBytes: number, bucket = "a"): BackendOperation {
  return { bucket, key: bytes(key), value: new Uint8Array(lengthBytes).fill(lengthBytes) };
}

export function remove(key: string, bucket = "a"): BackendOperation {
  return { bucket, key: bytes(key), value: null };
}

/** Key in hex and value as text. */
export type PlainRecord = readonly [key: string, value: string];

/** Demands that a walk meets these records in this order. */
export function demandScan(
  reader: BackendReader,
  { bucket = "a", ...scan }: BackendScan & { readonly bucket?: string },
  wanted: readonly PlainRecord[],
  where: string,
): void {
  demandRecords([...reader.scan(bucket, scan)], wanted, where);
}

export function demandRecords(
  records: readonly BackendRecord[],
  wanted: readonly PlainRecord[],
  where: string,
): void {
  const told = JSON.stringify(records.map(([key, value]) => [hexOf(key), textOf(value)]));
  demand(told === JSON.stringify(wanted), `${where}: ${told} instead of ${JSON.stringify(wanted)}`);
}

/** Demands a value, `undefined` for none. */
export function demandValue(
  reader: BackendReader,
  key: string,
  wanted: string | undefined,
  where: string,
  bucket = "a",
): void {
  const value = reader.get(bucket, bytes(key));
  const told = value === undefined ? undefined : textOf(value);
  demand(told === wanted, `${where}: ${key} has ${told} instead of ${wanted}`);
}

function textOf(value: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(value);
}
