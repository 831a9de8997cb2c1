import { create, toBinary } from "@bufbuild/protobuf";
import test from "ava";
import { PutRequestSchema } from "../../proto/mod.ts";
import { KvStateMachine } from "../../server/kv_state_machine.ts";
import type { ApplyResult } from "../../server/state/apply_result.ts";
import { encodeCommand } from "../../server/state/command.ts";
import { ReplicatedState, STATE_BUCKETS } from "../../server/state/replicated_state.ts";
import { SnapshotFormatError } from "../../server/state_snapshot.ts";
import { systemClock } from "../../raft/mod.ts";
import { MemoryBackend } from "../../storage/mod.ts";
import { stateMachineCases } from "../../testing/state_machine_suite.ts";

/** A put of a key that the number names. */
function putCommand(number: number): Uint8Array {
  const key = Uint8Array.of(number % 5 + 1);
  const payload = toBinary(
    PutRequestSchema,
    create(PutRequestSchema, { key, value: Uint8Array.of(number) }),
  );
  return encodeCommand({
    kind: "put",
    requestId: number,
    stampMs: number,
    authRevision: 0,
    user: "",
    payload,
  });
}

/** What the backend holds of the store; the position is not state. */
function observe(backend: MemoryBackend): string {
  return Array.from(
    backend.scan("key"),
    ([key, value]) => `${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`,
  ).join(" ");
}

for (
  const requirement of stateMachineCases<ApplyResult>({
    openTestbed() {
      const backend = new MemoryBackend();
      return {
        create: () =>
          new KvStateMachine({
            state: new ReplicatedState(backend),
            backend,
            clock: systemClock(),
            onFailure(error) {
              throw error;
            },
          }),
        command: putCommand,
        observe: () => observe(backend),
        end: (machine) => (machine as KvStateMachine).close(),
      };
    },
  })
) {
  test(`KvStateMachine: ${requirement.name}`, async (t) => {
    await t.notThrowsAsync(() => requirement.run());
  });
}

for (
  const { bytes, reason, why } of [
    { bytes: [2], reason: /format version 2/, why: "a newer version" },
    { bytes: [], reason: /ended early/, why: "nothing" },
    {
      bytes: [1, STATE_BUCKETS.length, 0, 0, 0, 0, 0, 0, 0, 0],
      reason: /unknown bucket/,
      why: "another bucket",
    },
    {
      bytes: [1, 255, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
      reason: /0 records instead of 1/,
      why: "a record too few",
    },
  ]
) {
  test(`KvStateMachine.restore refuses a stream of ${why}`, async (t) => {
    const backend = new MemoryBackend();
    const state = new ReplicatedState(backend);
    const machine = new KvStateMachine({ state, backend, clock: systemClock(), onFailure() {} });
    await machine.open();
    const chunks = (async function* () {
      yield await Promise.resolve(Uint8Array.from(bytes));
    })();
    const meta = {
      last: { term: 1, index: 1 },
      membership: { voters: ["a"], learners: [], votersOutgoing: [], learnersNext: [] },
    };
    const error = await t.throwsAsync(machine.restore(meta, chunks), {
      instanceOf: SnapshotFormatError,
    });
    t.regex(error.message, reason);
    t.is(observe(backend), "");
  });
}
