import test from "ava";
import { PendingTransfers } from "../../raft/pending_transfers.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

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
    const pending = new PendingTransfers({ clock: new VirtualClock(), timeoutMs: 2_000 });
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
    const pending = new PendingTransfers({ clock: new VirtualClock(), timeoutMs: 2_000 });
    const done = pending.open(1, { to: "b", term: 2 });
    drive(pending);
    await t.throwsAsync(done, { code: "TRANSFER_FAILED" });
  });
}

test("PendingTransfers ends a transfer of which nothing more is heard, and forgets its timer", async (t) => {
  const clock = new VirtualClock();
  const pending = new PendingTransfers({ clock, timeoutMs: 2_000 });
  const done = pending.open(1, { to: "b", term: 2 });
  const other = pending.open(2, { to: "c", term: 2 });
  pending.onEnded("c", true);
  await other;
  t.is(clock.waiting, 1);
  clock.advance(1_999);
  clock.advance(1);
  await t.throwsAsync(done, { code: "TRANSFER_FAILED", message: /does not lead after 2000 ms/ });
  t.is(clock.waiting, 0);
});

test("PendingTransfers waits while nothing is decided", async (t) => {
  const pending = new PendingTransfers({ clock: new VirtualClock(), timeoutMs: 2_000 });
  const done = pending.open(1, { to: "b", term: 2 });
  pending.onSoftState({ role: "leader", term: 2, leader: "a" });
  pending.onSoftState({ role: "follower", term: 3, leader: null });
  pending.onEnded("c", false);
  // Had one of these ended it, this would come too late.
  pending.reject(1, new Error("still here"));
  await t.throwsAsync(done, { message: "still here" });
});
