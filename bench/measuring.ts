import { tmpdir } from "node:os";
import process from "node:process";

/** The middle one, or the upper of the two in the middle. */
export function medianOf(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1] ?? NaN;
}

/** Where files are measured: `BENCH_DIR`, since a temporary directory may be in memory. */
export function temporaryDirectory(): string {
  return process.env["BENCH_DIR"] ?? tmpdir();
}
