import test from "ava";
import { PendingTransfers } from "../../raft/pending_transfers.ts";

for (
  const { name, drive } of [
    {
      name: "its target leads",
      drive: (pending: PendingTransfers) =>
        pending.onSoftState({ role: "follower", term: 3, leader: "b" }),
    },
    {
      name: "the core says that it succeeded",
      drive: (pending: PendingTransfers) => pending.onEnded("b", true),
    },
  ]
) {
  test(`PendingTransfers resolves a transfer when ${name}`, async (t) => {
    const pending = new PendingTransfers();
    const done = pending.open(1, { to: "b", term: 2 });
    drive(pending);
    await t.notThrowsAsync(done);
  });
}

for (
  const { name, drive } of [
    {
      name: "another member leads a later term",
      drive: (pending: PendingTransfers) =>
        pending.onSoftState({ role: "follower", term: 3, leader: "c" }),
    },
    {
      name: "the core says that it failed",
      drive: (pending: PendingTransfers) => pending.onEnded("b", false),
    },
  ]
) {
  test(`PendingTransfers rejects a transfer when ${name}`, async (t) => {
    const pending = new PendingTransfers();
    const done = pending.open(1, { to: "b", term: 2 });
    drive(pending);
    await t.throwsAsync(done, { code: "TRANSFER_FAILED" });
  });
}

test("PendingTransfers waits while nothing is decided", async (t) => {
  const pending = new PendingTransfers();
  const done = pending.open(1, { to: "b", term: 2 });
  pending.onSoftState({ role: "leader", term: 2, leader: "a" });
  pending.onSoftState({ role: "follower", term: 3, leader: null });
  pending.onEnded("c", false);
  // Had one of these ended it, this would come too late.
  pending.reject(1, new Error("still here"));
  await t.throwsAsync(done, { message: "still here" });
});
