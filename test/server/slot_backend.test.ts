import test from "ava";
import { bucketIn, type Slot, SlotBackend } from "../../server/slot_backend.ts";
import { type Backend, MemoryBackend } from "../../storage/mod.ts";
import { backendCases, type BackendTestbed } from "../../testing/mod.ts";
import { lmdbTestbed } from "../storage/backend_testbeds.ts";

const SLOTS: readonly Slot[] = [0, 1];
const KEY = Uint8Array.of(1);

/** A testbed whose backends are slots of another one's. */
function slotTestbed(database: BackendTestbed, slot: Slot): BackendTestbed {
  let whole: Backend;
  return {
    async open(buckets) {
      whole = await database.open(
        SLOTS.flatMap((each) => buckets.map((bucket) => bucketIn(each, bucket))),
      );
      return new SlotBackend(whole, slot);
    },
    lose: () => database.lose?.(whole),
    pass: () => database.pass?.() ?? Promise.resolve(),
    close: () => database.close(),
  };
}

for (const slot of SLOTS) {
  for (
    const requirement of backendCases({
      openTestbed: async () => slotTestbed(await lmdbTestbed(10_000), slot),
      supports: ["durable"],
    })
  ) {
    test(`SlotBackend ${slot} of LMDB: ${requirement.name}`, async (t) => {
      await t.notThrowsAsync(() => requirement.run());
    });
  }
}

test("SlotBackend neither reads nor writes the other slot", (t) => {
  const whole = new MemoryBackend();
  const slots = SLOTS.map((slot) => new SlotBackend(whole, slot));
  slots.forEach((slot, at) => slot.write([{ bucket: "a", key: KEY, value: Uint8Array.of(at) }]));
  slots[0]?.write([{ bucket: "a", key: Uint8Array.of(2), value: KEY }]);
  t.deepEqual(slots.map((slot) => slot.get("a", KEY)?.[0]), [0, 1]);
  t.deepEqual(slots.map((slot) => [...slot.scan("a")].length), [2, 1]);
  slots[0]?.write([{ bucket: "a", key: KEY, value: null }]);
  t.deepEqual(slots.map((slot) => slot.get("a", KEY)?.[0]), [undefined, 1]);
  using view = slots[1]?.view();
  t.deepEqual([...view?.scan("a") ?? []].length, 1);
  t.is(whole.get("a", Uint8Array.of(2)), KEY, "the first slot has the names themselves");
});
