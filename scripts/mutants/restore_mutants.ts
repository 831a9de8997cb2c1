import type { Mutant } from "./mutant.ts";

const RESTORE = ["test/server/snapshot_restore.test.ts"];

/** Bugs of how a member takes over a snapshot. */
export const RESTORE_MUTANTS: readonly Mutant[] = [
  {
    id: "rest-of-a-restore-kept",
    bug: "what has come of a stream that broke off stays, and gets into the next state",
    file: "server/kv_state_machine.ts",
    find: "      await clearSlot(slots.spare, { clock, signal });\n",
    replace: "      await clearSlot(slots.spare, { clock, signal: AbortSignal.abort() });\n",
    tests: RESTORE,
  },
  {
    id: "restore-overtakes-clearing",
    bug: "a snapshot is brought into a slot that is still being cleared",
    file: "server/kv_state_machine.ts",
    find: "    await this.#clearing;\n    try {\n",
    replace: "    void this.#clearing;\n    try {\n",
    tests: RESTORE,
  },
  {
    id: "restored-before-durable",
    bug: "reads see a restored state before it is durable",
    file: "server/kv_state_machine.ts",
    find: "      await slots.current.flush();\n      state.become(restored);\n",
    replace: "      state.become(restored);\n      await slots.current.flush();\n",
    tests: RESTORE,
  },
  {
    id: "restored-before-its-index",
    bug: "reads see a restored state whose index is not built",
    file: "server/kv_state_machine.ts",
    find: "    await this.#drive(restored.restore());\n    return restored;\n",
    replace: "    this.#options.state.become(restored);\n" +
      "    await this.#drive(restored.restore());\n    return restored;\n",
    tests: RESTORE,
  },
  {
    id: "restore-not-flushed",
    bug: "a restore is done before the batch that makes its state current is durable",
    file: "server/kv_state_machine.ts",
    find: "      await slots.current.flush();\n      state.become(restored);\n",
    replace: "      state.become(restored);\n",
    tests: RESTORE,
  },
  {
    id: "snapshot-of-another-entry",
    bug: "a snapshot of another entry than was announced is restored",
    file: "server/kv_state_machine.ts",
    find: "if (index !== last.index || term !== last.term) {",
    replace: "if (index < 0) {",
    tests: RESTORE,
  },
  {
    id: "membership-not-restored",
    bug: "the membership that a snapshot was announced with is not kept",
    file: "server/kv_state_machine.ts",
    find: "    spare.write([membershipOperation(encodeMembership(membership))]);\n",
    replace: "    encodeMembership(membership);\n    membershipOperation(new Uint8Array());\n",
    tests: RESTORE,
  },
  {
    id: "restore-held-in-memory",
    bug: "a snapshot is not made durable before its end",
    file: "server/snapshot_staging.ts",
    find: "  await slot.flush();\n",
    replace: "",
    tests: RESTORE,
  },
  {
    id: "short-snapshot-restored",
    bug: "a snapshot that ends early is restored",
    file: "server/snapshot_staging.ts",
    find: "  decoder.end();\n",
    replace: "",
    tests: RESTORE,
  },
  {
    id: "slot-and-word-apart",
    bug: "the word of how far a snapshot goes is not in one batch with what makes it current",
    file: "server/state_slots.ts",
    find: "    this.#backend.write([slotOperation(slot), restoredOperation(restoredIndex)]);\n",
    replace: "    this.#backend.write([slotOperation(slot)]);\n" +
      "    this.#backend.write([restoredOperation(restoredIndex)]);\n",
    tests: RESTORE,
  },
  {
    id: "spare-not-cleared-at-start",
    bug: "what a crash has left of a restore is not cleared away at the start",
    file: "server/kv_state_machine.ts",
    find:
      "    this.#clearing = this.#clearSpare();\n    const { position: { index, term }, membership } = state;\n",
    replace: "    const { position: { index, term }, membership } = state;\n",
    tests: RESTORE,
  },
];
