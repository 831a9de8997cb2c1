import { BACKEND_KEY_BYTES_MAX } from "../../../storage/mod.ts";
import { type BackendRequirement, demand, demandThrows } from "./backend_requirement.ts";
import { bytes, demandScan, demandValue, hexOf, put, putBytes, remove } from "./backend_samples.ts";
import type { BackendStage } from "./backend_stage.ts";

/** What a batch does. */
export const WRITE_CASES: readonly BackendRequirement[] = [
  ["the operations of a batch are applied in order", inOrder],
  ["a batch of no operations changes nothing", emptyBatch],
  ["a key that is not there can be deleted", absentIsDeleted],
  ["the longest key is kept", longestKey],
  ["a batch with an empty key is refused as a whole", emptyKeyIsRefused],
  ["a batch with a key that is too long is refused as a whole", longKeyIsRefused],
  ["values of any size are kept", valuesOfAnySize],
  ["a batch of many operations is kept", manyOperations],
  ["a write leaves alone what it was given", leavesInputAlone],
];

async function inOrder(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(
    put("61", "one"),
    remove("61"),
    put("61", "two"),
    put("62", "one"),
    remove("62"),
    put("63", "one"),
    put("63", "two"),
  );
  for (const when of ["at once", "after a flush"]) {
    demandScan(backend, {}, [["61", "two"], ["63", "two"]], when);
    await backend.flush();
  }
}

async function emptyBatch(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "one"));
  stage.write();
  await backend.flush();
  stage.write();
  await backend.flush();
  demandScan(backend, {}, [["61", "one"]], "after batches of nothing");
}

async function absentIsDeleted(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "one"), remove("6161"));
  stage.write(remove("00"), remove("ff"));
  for (const when of ["at once", "after a flush"]) {
    demandScan(backend, {}, [["61", "one"]], when);
    await backend.flush();
  }
}

async function longestKey(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  const longest = new Uint8Array(BACKEND_KEY_BYTES_MAX).fill(0x61);
  const other = longest.slice();
  other[BACKEND_KEY_BYTES_MAX - 1] = 0x62;
  stage.write(put(hexOf(longest), "one"), put(hexOf(other), "two"));
  for (const when of ["at once", "after a flush"]) {
    demandScan(backend, {}, [[hexOf(longest), "one"], [hexOf(other), "two"]], when);
    demandScan(backend, { low: other }, [[hexOf(other), "two"]], when);
    demandValue(backend, hexOf(longest), "one", when);
    await backend.flush();
  }
}

async function emptyKeyIsRefused(stage: BackendStage): Promise<void> {
  await refuses(stage, new Uint8Array());
}

async function longKeyIsRefused(stage: BackendStage): Promise<void> {
  await refuses(stage, new Uint8Array(BACKEND_KEY_BYTES_MAX + 1).fill(0x61));
}

async function refuses(stage: BackendStage, key: Uint8Array): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "one"));
  demandThrows(
    () => stage.write(put("62", "before"), { bucket: "a", key, value: bytes("00") }, remove("61")),
    `a write of a key of ${key.length} bytes`,
  );
  for (const when of ["at once", "after a flush"]) {
    demandScan(backend, {}, [["61", "one"]], when);
    await backend.flush();
  }
}

async function valuesOfAnySize(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  const sizes = [0, 1, 255, 256, 4_095, 4_096, 70_000, 3 << 20];
  for (const size of sizes) {
    stage.write(putBytes(keyOf(size), size));
  }
  for (const when of ["at once", "after a flush"]) {
    for (const size of sizes) {
      const value = backend.get("a", bytes(keyOf(size)));
      const isSame = value?.length === size && value.every((byte) => byte === (size & 255));
      demand(isSame, `${when}: a value of ${size} bytes is not as it was written`);
    }
    await backend.flush();
  }
}

async function manyOperations(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  const keys = Array.from({ length: 20_000 }, (_, number) => keyOf(number));
  stage.write(...keys.map((key) => put(key, key)));
  for (const when of ["at once", "after a flush"]) {
    const found = [...backend.scan("a")].map(([key]) => hexOf(key));
    demand(found.length === keys.length, `${when}: ${found.length} records of ${keys.length}`);
    demand(found.every((key, at) => key === keys[at]), `${when}: other records than were written`);
    await backend.flush();
  }
}

async function leavesInputAlone(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  const operations = Object.freeze(
    [put("61", "one"), put("62", "two"), remove("61")].map((one) => Object.freeze(one)),
  );
  const before = JSON.stringify(operations.map(({ key, value }) => [[...key], [...value ?? []]]));
  backend.write(operations);
  stage.write(put("62", "ten"));
  await backend.flush();
  const after = JSON.stringify(operations.map(({ key, value }) => [[...key], [...value ?? []]]));
  demand(before === after, "the bytes of a batch were changed");
}

function keyOf(number: number): string {
  return number.toString(16).padStart(8, "0");
}
