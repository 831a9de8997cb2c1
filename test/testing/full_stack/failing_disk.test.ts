import test from "ava";
import { drawTrouble } from "../../../testing/full_stack/disk_trouble.ts";
import { FailingDisk } from "../../../testing/full_stack/failing_disk.ts";
import { SeededRandom } from "../../../testing/mod.ts";
import { CHANGING_CALLS, type FileCall } from "../../../testing/simulated_file_system/file_call.ts";
import { FAILING_DISK_FAULTS } from "../../../testing/simulation/fault.ts";

const MOMENT = { type: "readOnlyMoment" } as const;

/** What goes wrong with calls of ten bytes, one after the other. */
function faultsOf(disk: FailingDisk, ...calls: readonly FileCall[]) {
  return calls.map((call) => {
    const fault = disk.faultOf({ call, bytes: 10, isIntoHole: false });
    return fault?.type === "error" ? `${fault.code} ${fault.writtenBytes}` : fault;
  });
}

test("FailingDisk lets nothing go wrong until it is armed", (t) => {
  t.deepEqual(faultsOf(new FailingDisk(), "write", "dataSync", "create", "read"), [
    null,
    null,
    null,
    null,
  ]);
});

test("FailingDisk fails one call of a kind, after those that are to go well, and no other", (t) => {
  const disk = new FailingDisk();
  const trouble = { type: "error", call: "write", code: "EIO", writtenPart: 0.5 } as const;
  t.true(disk.arm({ ...trouble, callsBefore: 1 }));
  t.deepEqual(faultsOf(disk, "write", "read", "write", "write"), [null, null, "EIO 5", null]);
  t.true(disk.arm({ ...trouble, callsBefore: 0 }), "another one may come");
});

test("FailingDisk that is full fails each call that needs room, and no other", (t) => {
  const disk = new FailingDisk();
  t.true(disk.arm({ type: "full", writtenPart: 1, callsBefore: 1 }));
  t.deepEqual(faultsOf(disk, "create", "write", "truncate", "writeDurably", "remove", "create"), [
    null,
    "ENOSPC 10",
    null,
    "ENOSPC 10",
    null,
    "ENOSPC 10",
  ]);
  t.false(disk.arm({ type: "full", writtenPart: 0, callsBefore: 9 }), "it is full already");
});

test("FailingDisk turns read-only in a moment, and stays so", (t) => {
  const disk = new FailingDisk();
  t.true(disk.arm({ type: "readOnly", momentCalls: 2, waitsForHole: false, callsBefore: 1 }));
  t.deepEqual(faultsOf(disk, "write", "dataSync", "read", "truncate", "write", "rename"), [
    null,
    MOMENT,
    null,
    MOMENT,
    "EROFS 0",
    "EROFS 0",
  ]);
});

test("FailingDisk may wait for a durable write into a hole before it turns read-only", (t) => {
  const disk = new FailingDisk();
  disk.arm({ type: "readOnly", momentCalls: 1, waitsForHole: true, callsBefore: 1 });
  t.deepEqual(faultsOf(disk, "writeDurably", "writeDurably", "truncate"), [null, null, null]);
  t.is(disk.faultOf({ call: "write", bytes: 10, isIntoHole: true }), null);
  t.deepEqual(disk.faultOf({ call: "writeDurably", bytes: 10, isIntoHole: true }), MOMENT);
  t.deepEqual(faultsOf(disk, "writeDurably"), ["EROFS 0"]);
});

for (
  const { trouble, calls, why } of [
    {
      trouble: { type: "error", call: "write", code: "EIO", writtenPart: 0, callsBefore: 0 },
      calls: [],
      why: "what has not come yet never does",
    },
    {
      trouble: { type: "full", writtenPart: 0, callsBefore: 0 },
      calls: ["write"],
      why: "a disk may have room again",
    },
    {
      trouble: { type: "readOnly", momentCalls: 1, waitsForHole: true, callsBefore: 0 },
      calls: [],
      why: "it never turned read-only",
    },
  ] as const
) {
  test(`FailingDisk that is disarmed lets nothing go wrong any more: ${trouble.type}, as ${why}`, (t) => {
    const disk = new FailingDisk();
    disk.arm(trouble);
    faultsOf(disk, ...calls);
    disk.disarm();
    t.deepEqual(faultsOf(disk, "write", "create"), [null, null]);
    t.true(disk.arm(trouble));
  });
}

test("FailingDisk that has turned read-only stays so when it is disarmed, and tells no more lies", (t) => {
  const disk = new FailingDisk();
  disk.arm({ type: "readOnly", momentCalls: 3, waitsForHole: false, callsBefore: 0 });
  t.deepEqual(faultsOf(disk, "writeDurably"), [MOMENT]);
  disk.disarm();
  t.deepEqual(faultsOf(disk, "writeDurably", "truncate"), ["EROFS 0", "EROFS 0"]);
});

test("drawTrouble fails each call that changes something, and reads, with all codes", (t) => {
  const random = new SeededRandom(1);
  const drawn = Array.from({ length: 500 }, () => drawTrouble("disk error", random));
  const errors = drawn.filter((each) => each.type === "error");
  const calls = new Set(errors.map(({ call }) => call));
  t.deepEqual([...calls].sort(), [...CHANGING_CALLS, "read"].sort());
  t.deepEqual([...new Set(errors.map(({ code }) => code))].sort(), ["EDQUOT", "EIO"]);
  t.deepEqual(
    FAILING_DISK_FAULTS.map((fault) => drawTrouble(fault, random).type),
    ["error", "full", "readOnly"],
  );
});
