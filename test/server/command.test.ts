import test from "ava";
import fc from "fast-check";
import { type Command, decodeCommand, encodeCommand } from "../../server/state/command.ts";
import { UnknownCommandError } from "../../server/state/errors.ts";

const COMMAND: Command = {
  kind: "put",
  requestId: 2 ** 40 + 3,
  stampMs: 1_700_000_000_000,
  authRevision: 0,
  user: "",
  payload: Uint8Array.of(1, 2, 3),
};

test("decodeCommand returns what encodeCommand was given", (t) => {
  const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const command = fc.record<Command>({
    kind: fc.constantFrom("put", "deleteRange", "compaction", "memberPublish"),
    requestId: count,
    stampMs: count,
    authRevision: count,
    user: fc.string({ unit: "grapheme" }),
    payload: fc.uint8Array({ maxLength: 100 }),
  });
  fc.assert(fc.property(command, (original) => {
    t.deepEqual(decodeCommand(encodeCommand(original)), original);
  }));
  t.pass();
});

test("encodeCommand keeps the layout that directories on disk have", (t) => {
  const hex = Buffer.from(encodeCommand({ ...COMMAND, user: "ü" })).toString("hex");
  t.is(
    hex,
    "01" + "01" + "0000010000000003" + "0000018bcfe56800" + "0000000000000000" + "0002" + "c3bc" +
      "010203",
  );
});

for (
  const { change, why } of [
    { change: (data: Uint8Array) => data.with(0, 2), why: "a newer format version" },
    { change: (data: Uint8Array) => data.with(1, 200), why: "a kind of a newer version" },
    { change: (data: Uint8Array) => data.with(1, 0), why: "no kind at all" },
    { change: (data: Uint8Array) => data.subarray(0, 27), why: "a header that is cut off" },
    { change: (data: Uint8Array) => data.with(27, 200), why: "a user's name that is cut off" },
    { change: (data: Uint8Array) => data.with(2, 0xff), why: "a number beyond 2^53" },
    { change: () => new Uint8Array(0), why: "no bytes" },
  ]
) {
  test(`decodeCommand refuses ${why}, so that the member stops`, (t) => {
    t.throws(() => decodeCommand(change(encodeCommand(COMMAND))), {
      instanceOf: UnknownCommandError,
    });
  });
}
