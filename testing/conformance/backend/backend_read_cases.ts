import { type BackendRequirement, demand } from "./backend_requirement.ts";
import {
  bytes,
  demandScan,
  demandValue,
  type PlainRecord,
  put,
  remove,
} from "./backend_samples.ts";
import type { BackendStage } from "./backend_stage.ts";

/** What `get` and `scan` find. */
export const BACKEND_READ_CASES: readonly BackendRequirement[] = [
  ["a new backend holds nothing", newIsEmpty],
  ["a record can be read as soon as it is written", readAtOnce],
  ["a record that was deleted is gone", deletedIsGone],
  ["buckets are apart", bucketsAreApart],
  ["a walk meets records in byte order of their keys", inByteOrder],
  ["a walk backwards meets records from the last to the first", backwards],
  ["a walk begins at low, which is part of it", beginsAtLow],
  ["a walk ends before high, which is no part of it", endsBeforeHigh],
  ["a walk backwards has the same bounds", backwardsWithBounds],
  ["bounds that leave nothing between them are walked as such", nothingBetween],
  ["an empty bound lies before all keys", emptyBounds],
  ["a walk may be left before its end", leftEarly],
  ["keys and values are plain arrays of bytes", plainArrays],
  ["what was read stays as it is", readStays],
  ["a flush changes nothing that is read", flushChangesNothing],
];

/** Prefixes of each other, bytes at both ends, and not in order. */
const KEYS = ["62", "6100", "ff", "00", "61", "ffff", "6161", "80", "0000", "ff00"];
const SORTED = ["00", "0000", "61", "6100", "6161", "62", "80", "ff", "ff00", "ffff"];

async function newIsEmpty(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  demandValue(backend, "61", undefined, "a new backend");
  demandScan(backend, {}, [], "a new backend");
}

async function readAtOnce(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "one"));
  demandValue(backend, "61", "one", "after a write");
  stage.write(put("61", "two"), put("62", "three"));
  demandValue(backend, "61", "two", "after it was replaced");
  demandScan(backend, {}, [["61", "two"], ["62", "three"]], "after it was replaced");
}

async function deletedIsGone(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "flushed"), put("62", "flushed"), put("63", "flushed"));
  await backend.flush();
  stage.write(put("64", "fresh"));
  stage.write(remove("62"), remove("64"));
  for (const when of ["at once", "after a flush"]) {
    demandValue(backend, "62", undefined, when);
    demandValue(backend, "64", undefined, when);
    demandScan(backend, {}, [["61", "flushed"], ["63", "flushed"]], when);
    await backend.flush();
  }
}

async function bucketsAreApart(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "in a"), put("61", "in b", "b"), put("62", "b alone", "b"));
  stage.write(put("63", "a alone"));
  demandScan(backend, {}, [["61", "in a"], ["63", "a alone"]], "a");
  demandScan(backend, { bucket: "b" }, [["61", "in b"], ["62", "b alone"]], "b");
  stage.write(remove("61", "b"));
  demandValue(backend, "61", "in a", "after it was deleted in b");
}

async function inByteOrder(stage: BackendStage): Promise<void> {
  const backend = await written(stage);
  demandScan(backend, {}, recordsOf(SORTED), "forwards");
}

async function backwards(stage: BackendStage): Promise<void> {
  const backend = await written(stage);
  demandScan(backend, { reverse: true }, recordsOf(SORTED.toReversed()), "backwards");
}

async function beginsAtLow(stage: BackendStage): Promise<void> {
  const backend = await written(stage);
  for (const low of ["00", "6100", "6101", "7f", "ff", "ffff", "ffffff"]) {
    const wanted = recordsOf(SORTED.filter((key) => key >= low));
    demandScan(backend, { low: bytes(low) }, wanted, `from ${low} on`);
  }
}

async function endsBeforeHigh(stage: BackendStage): Promise<void> {
  const backend = await written(stage);
  for (const high of ["00", "6100", "6101", "7f", "ff", "ffff", "ffffff"]) {
    const wanted = recordsOf(SORTED.filter((key) => key < high));
    demandScan(backend, { high: bytes(high) }, wanted, `up to ${high}`);
  }
}

async function backwardsWithBounds(stage: BackendStage): Promise<void> {
  const backend = await written(stage);
  for (const [low, high] of [["0000", "62"], ["01", "7f"], ["61", "6161"], ["ff", "ff0000"]]) {
    const between = SORTED.filter((key) => key >= (low ?? "") && key < (high ?? ""));
    demandScan(
      backend,
      { low: bytes(low ?? ""), high: bytes(high ?? ""), reverse: true },
      recordsOf(between.toReversed()),
      `[${low}, ${high}) backwards`,
    );
  }
}

async function nothingBetween(stage: BackendStage): Promise<void> {
  const backend = await written(stage);
  for (const reverse of [false, true]) {
    for (const [low, high] of [["61", "61"], ["80", "61"], ["63", "64"], ["ff", "00"]] as const) {
      const scan = { low: bytes(low), high: bytes(high), reverse };
      demandScan(backend, scan, [], `[${low}, ${high})${reverse ? " backwards" : ""}`);
    }
  }
}

async function emptyBounds(stage: BackendStage): Promise<void> {
  const backend = await written(stage);
  const empty = new Uint8Array();
  demandScan(backend, { low: empty }, recordsOf(SORTED), "from the empty key on");
  demandScan(backend, { high: empty }, [], "up to the empty key");
  const wanted = recordsOf(SORTED.slice(0, 2).toReversed());
  demandScan(
    backend,
    { low: empty, high: bytes("61"), reverse: true },
    wanted,
    "from the empty key on, backwards",
  );
}

async function leftEarly(stage: BackendStage): Promise<void> {
  const backend = await written(stage);
  for (const reverse of [false, true]) {
    for (const _record of backend.scan("a", { reverse })) {
      break;
    }
    stage.write(put("6100", "again"));
    await backend.flush();
  }
  demandValue(backend, "6100", "again", "after walks that were left");
}

async function plainArrays(stage: BackendStage): Promise<void> {
  const backend = await written(stage);
  for (const when of ["at once", "after a flush"]) {
    const [record] = backend.scan("a");
    const arrays = [backend.get("a", bytes("61")), ...record ?? []];
    demand(
      arrays.every((array) => Object.getPrototypeOf(array) === Uint8Array.prototype),
      `${when}: what is read is of a class of its own`,
    );
    await backend.flush();
  }
}

async function readStays(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  const key = bytes("61");
  for (const lengthBytes of [1, 100, 5_000, 100_000]) {
    stage.write({ bucket: "a", key, value: new Uint8Array(lengthBytes).fill(1) });
    for (let flushed = 0; flushed < 2; flushed += 1) {
      const got = backend.get("a", key);
      const [record] = backend.scan("a");
      stage.write({ bucket: "a", key, value: new Uint8Array(lengthBytes).fill(2) });
      await backend.flush();
      void backend.get("a", key);
      void [...backend.scan("a")];
      const isSame = [got, record?.[1]].every((value) =>
        value?.length === lengthBytes && value.every((byte) => byte === 1)
      );
      demand(isSame, `a value of ${lengthBytes} bytes changed after it was read`);
      demand(record?.[0][0] === 0x61, "a key changed after it was read");
      stage.write({ bucket: "a", key, value: new Uint8Array(lengthBytes).fill(1) });
      await backend.flush();
    }
  }
}

async function flushChangesNothing(stage: BackendStage): Promise<void> {
  const backend = await written(stage);
  await backend.flush();
  stage.write(put("6101", "6101"), remove("80"));
  const wanted = recordsOf([...SORTED.filter((key) => key !== "80"), "6101"].sort());
  for (const when of ["before a flush", "while it is under way", "after it"]) {
    demandScan(backend, {}, wanted, when);
    demandScan(backend, { reverse: true }, wanted.toReversed(), when);
    demandValue(backend, "6101", "6101", when);
    demandValue(backend, "80", undefined, when);
    const flushed = stage.beginFlush();
    if (when === "while it is under way") {
      await backend.flush();
    }
    demand(flushed.state !== "rejected", "a flush rejects");
  }
}

/** A backend with each key as its own value, some of them flushed. */
async function written(stage: BackendStage) {
  const backend = await stage.open();
  for (const [position, key] of KEYS.entries()) {
    stage.write(put(key, key));
    if (position === 5) {
      await backend.flush();
    }
  }
  return backend;
}

function recordsOf(keys: readonly string[]): PlainRecord[] {
  return keys.map((key) => [key, key]);
}
