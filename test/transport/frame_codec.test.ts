import test from "ava";
import fc from "fast-check";
import { InvariantError, type Message } from "../../raft/mod.ts";
import {
  type Frame,
  FrameCodec,
  FrameError,
  FrameTooLargeError,
  FrameVersionError,
  MessageTypeError,
} from "../../transport/mod.ts";
import { randomOfTest } from "../support/seeded_random.ts";
import { arbitraryFrame, messagesByType } from "./arbitrary_frame.ts";

const ROUTE = { from: "a", to: "b" };
const PROTOTYPE_KEYS = prototypeKeys();

for (const [type, messages] of Object.entries(messagesByType(ROUTE))) {
  test(`FrameCodec returns each ${type} as it was`, (t) => {
    const codec = new FrameCodec();
    fc.assert(fc.property(messages as fc.Arbitrary<Message>, (message) => {
      const frame: Frame = { group: 0, ...ROUTE, messages: [message] };
      t.deepEqual(codec.decode(codec.encode(frame)), frame);
    }));
    t.pass();
  });
}

test("FrameCodec returns frames of many messages, with any ids and group", (t) => {
  const codec = new FrameCodec();
  fc.assert(fc.property(arbitraryFrame(), (frame) => {
    t.deepEqual(codec.decode(codec.encode(frame)), frame);
  }));
  t.pass();
});

test("FrameCodec returns lists whose length needs four bytes", (t) => {
  const codec = new FrameCodec();
  const ids = Array.from({ length: 70_000 }, (_, position) => position);
  const frame = frameOf({ type: "readForward", ...ROUTE, term: 1, session: 2, ids });
  t.deepEqual(codec.decode(codec.encode(frame)), frame);
});

test("FrameCodec writes the bytes that its header shows", (t) => {
  const frame = frameOf({ type: "heartbeat", ...ROUTE, term: 5, commit: 10, round: 2 });
  t.is(hex(new FrameCodec().encode(frame)), "950100a161a162919406050a02");
});

test("FrameCodec gives each decoded frame one encoding only, and throws nothing but FrameError", (t) => {
  const random = randomOfTest(t);
  const codec = new FrameCodec();
  const samples = fc.sample(arbitraryFrame(), { numRuns: 200, seed: random.int(0, 2 ** 31) })
    .map((frame) => codec.encode(frame))
    .filter(({ length }) => length < 2_000);
  let accepted = 0;
  let refused = 0;
  for (let round = 0; round < 60_000; round += 1) {
    const [first = new Uint8Array(1), ...rest] = samples;
    const bytes = mutated(random.pick([first, ...rest]), random);
    const frame = decodeOrNull(codec, bytes);
    if (frame === null) {
      refused += 1;
      continue;
    }
    accepted += 1;
    t.is(hex(codec.encode(frame)), hex(bytes));
  }
  t.log(`${accepted} accepted, ${refused} refused`);
  t.true(accepted > 1_000 && refused > 1_000, "both ways are taken");
  t.deepEqual(prototypeKeys(), PROTOTYPE_KEYS);
});

test("FrameCodec refuses random bytes with FrameError and nothing else", (t) => {
  const random = randomOfTest(t);
  const codec = new FrameCodec();
  for (let round = 0; round < 30_000; round += 1) {
    const bytes = random.bytes(random.int(0, 40));
    // Half of them get past the first check.
    const isFramed = random.int(0, 2) === 0;
    decodeOrNull(codec, isFramed ? Uint8Array.of(0x95, 1, ...bytes) : bytes);
  }
  t.deepEqual(prototypeKeys(), PROTOTYPE_KEYS);
});

test("FrameCodec refuses every frame that is cut off or goes on", (t) => {
  const codec = new FrameCodec();
  const bytes = codec.encode(frameOf(appendOf([Uint8Array.of(1, 2, 3), new Uint8Array(0)])));
  for (let length = 0; length < bytes.length; length += 1) {
    t.throws(() => codec.decode(bytes.subarray(0, length)), { instanceOf: FrameError });
  }
  t.throws(() => codec.decode(Uint8Array.of(...bytes, 0)), { message: /1 bytes behind its end/ });
});

// A frame's beginning: five values, version 1, group 0, from "a", to "b".
const HEAD = "950100a161a162";

for (
  const { bytes, error, why } of [
    { bytes: "", error: /begin with a version/, why: "nothing at all" },
    { bytes: "81a16101", error: /begin with a version/, why: "a map" },
    { bytes: "95", error: /begin with a version/, why: "no version" },
    { bytes: `${HEAD}80`, error: /type 0x80/, why: "an empty map (S10)" },
    { bytes: `${HEAD}dfffffffff`, error: /type 0xdf/, why: "a map of 2^32 (S10)" },
    { bytes: `${HEAD}deffff`, error: /type 0xde/, why: "a map of 2^16" },
    { bytes: `${HEAD}d6ff00000000`, error: /type 0xd6/, why: "a time stamp (S10)" },
    { bytes: `${HEAD}c70101ff`, error: /type 0xc7/, why: "an extension (S10)" },
    { bytes: `${HEAD}c0`, error: /type 0xc0/, why: "nil" },
    { bytes: `${HEAD}cb3ff0000000000000`, error: /type 0xcb/, why: "a float" },
    { bytes: `${HEAD}ca3f800000`, error: /type 0xca/, why: "a short float" },
    { bytes: `${HEAD}ff`, error: /type 0xff/, why: "a negative number" },
    { bytes: `${HEAD}d3ffffffffffffffff`, error: /type 0xd3/, why: "a long negative number" },
    { bytes: `${HEAD}c1`, error: /type 0xc1/, why: "a type that MessagePack does not have" },
    { bytes: `${HEAD}db00000001ff`, error: /type 0xdb/, why: "a string of four length bytes" },
    { bytes: `${HEAD}ddffffffff`, error: /do not fit/, why: "a list of 2^32" },
    { bytes: `${HEAD}dcffff`, error: /do not fit/, why: "a list of 2^16" },
    { bytes: `${HEAD}c6ffffffff`, error: /cut off/, why: "4 GiB of bytes announced" },
    { bytes: `${HEAD}${"91".repeat(10_000)}`, error: /4 arrays in each other/, why: "depth (S10)" },
    {
      bytes: "9501cc00a161a16290",
      error: /longer form/,
      why: "a number with a needless byte (S10)",
    },
    {
      bytes: "9501cd00ffa161a16290",
      error: /longer form/,
      why: "a number with two needless bytes",
    },
    { bytes: "9501ce0000ffffa161a16290", error: /longer form/, why: "a number with four for two" },
    {
      bytes: "9501cf00000000ffffffffa161a16290",
      error: /longer form/,
      why: "a number with eight for four",
    },
    { bytes: "950100d90161a16290", error: /longer form/, why: "a string with a needless byte" },
    {
      bytes: "950100a161a162dc000f" + "00".repeat(15),
      error: /longer form/,
      why: "a list with needless bytes",
    },
    { bytes: "9501cf0020000000000000a161a16290", error: /2\^53/, why: "2^53 (R19)" },
    { bytes: "9501cfffffffffffffffffa161a16290", error: /2\^53/, why: "2^64 - 1" },
    { bytes: "950100a1ffa16290", error: /UTF-8/, why: "an id that is not UTF-8" },
    { bytes: "950100a3eda080a16290", error: /UTF-8/, why: "an id with half a surrogate pair" },
    { bytes: "950100a0a16290", error: /member's id/, why: "an empty id" },
    { bytes: "95010001a16290", error: /number instead of a member's id/, why: "a number as id" },
    { bytes: "950100c40161a16290", error: /object instead of a member's id/, why: "bytes as id" },
    {
      bytes: `950100d9c9${"61".repeat(201)}a16290`,
      error: /string of 201/,
      why: "an id of 201 bytes",
    },
    { bytes: "950100a161a16190", error: /to itself/, why: "a message to oneself (R19)" },
    { bytes: "9501c2a161a16290", error: /boolean instead of/, why: "a boolean as group" },
    { bytes: "940100a161a162", error: /fewer values/, why: "no list of messages" },
    { bytes: "960100a161a1629000", error: /more values/, why: "a sixth value" },
    { bytes: `${HEAD}00`, error: /instead of a list/, why: "a number as messages" },
    { bytes: `${HEAD}9100`, error: /instead of a list/, why: "a number as message" },
    { bytes: `${HEAD}9190`, error: /fewer values/, why: "an empty message" },
    { bytes: `${HEAD}91920800`, error: /positive integer/, why: "term 0 (R19)" },
    { bytes: `${HEAD}919308010 0`, error: /more values/, why: "a field too many" },
    { bytes: `${HEAD}9193060 501`, error: /fewer values/, why: "a field too few" },
    { bytes: `${HEAD}919402050001`, error: /instead of a boolean/, why: "a number as boolean" },
    {
      bytes: `${HEAD}91960301000500 9406010 3c400`,
      error: /unknown kind of entry 3/,
      why: "an entry of kind 3",
    },
    {
      bytes: `${HEAD}91960301000500 9406000 0c400`,
      error: /positive integer/,
      why: "an entry of term 0",
    },
    {
      bytes: `${HEAD}91960301000500 94060100 a0`,
      error: /instead of bytes/,
      why: "a string as data",
    },
    {
      bytes: `${HEAD}91970301000500 94070100 c400 01`,
      error: /from 7 on, after 5/,
      why: "entries that leave a gap",
    },
    {
      bytes: `${HEAD}91970301000500 94050100 c400 01`,
      error: /from 5 on, after 5/,
      why: "entries that overlap",
    },
    {
      bytes: `${HEAD}91960301000500 9106`,
      error: /0 entries from index 6/,
      why: "an index without entries",
    },
    { bytes: `${HEAD}91960301000500 930601 00`, error: /fewer values/, why: "half an entry" },
    {
      bytes: `${HEAD}91960301000000 94000100 c400`,
      error: /positive integer/,
      why: "an entry of index 0",
    },
    {
      bytes: `${HEAD}9196030100cf001ffffffffffffe00 97cf001fffffffffffff 0100c400 0100c400`,
      error: /2 entries from index 9007199254740991/,
      why: "an index that passes 2^53 (R19)",
    },
    { bytes: `${HEAD}919509010101 9101`, error: /fewer values/, why: "a proposal without data" },
    {
      bytes: `${HEAD}91950b01020490`,
      error: /unknown reason 4/,
      why: "a reason of a later version",
    },
    { bytes: `${HEAD}91980e0101019 1a0909090`, error: /member's id/, why: "a voter without name" },
  ]
) {
  test(`FrameCodec refuses ${why}`, (t) => {
    const thrown = t.throws(() => new FrameCodec().decode(fromHex(bytes)), { message: error });
    t.true(thrown instanceof FrameError);
    t.is((thrown as FrameError).code, "FRAME_INVALID");
  });
}

test("FrameCodec names a version that it does not speak, whatever else the frame holds", (t) => {
  for (const bytes of ["9502", "9100", "9f7fc1c1", "9302df"]) {
    const error = t.throws(() => new FrameCodec().decode(fromHex(bytes)), {
      instanceOf: FrameVersionError,
      code: "FRAME_VERSION",
    });
    t.deepEqual([error?.version], [...fromHex(bytes).subarray(1, 2)]);
  }
});

test("FrameCodec names a type of message that it does not know", (t) => {
  for (const [bytes, messageType] of [[`${HEAD}91921001`, 16], [`${HEAD}91920001`, 0]] as const) {
    const error = t.throws(() => new FrameCodec().decode(fromHex(bytes)), {
      instanceOf: MessageTypeError,
      code: "FRAME_MESSAGE_TYPE",
    });
    t.is(error?.messageType, messageType);
  }
});

test("FrameCodec neither writes nor reads more than it may", (t) => {
  const codec = new FrameCodec({ frameBytesMax: 100 });
  const small = frameOf(appendOf([new Uint8Array(60)]));
  t.deepEqual(codec.decode(codec.encode(small)), small);
  const large = frameOf(appendOf([new Uint8Array(100)]));
  const expected = { instanceOf: FrameTooLargeError, code: "FRAME_TOO_LARGE" };
  t.throws(() => codec.encode(large), expected);
  t.throws(() => codec.decode(new FrameCodec().encode(large)), expected);
  t.throws(() => codec.decode(new Uint8Array(101)), expected);
});

test("FrameCodec decodes data as plain views of the frame, also if it is a Buffer", (t) => {
  const codec = new FrameCodec();
  const encoded = codec.encode(frameOf(appendOf([Uint8Array.of(1, 2, 3)])));
  const bytes = Buffer.concat([Buffer.of(9, 9), encoded]).subarray(2);
  const [message] = codec.decode(bytes).messages;
  const [entry] = message?.type === "appendRequest" ? message.entries : [];
  t.is(entry?.data.constructor, Uint8Array);
  t.is(entry?.data.buffer, bytes.buffer);
  t.deepEqual(entry?.data, Uint8Array.of(1, 2, 3));
});

test("FrameCodec returns bytes that later frames do not touch", (t) => {
  const codec = new FrameCodec();
  const first = codec.encode(frameOf(appendOf([Uint8Array.of(1, 2, 3)])));
  const before = hex(first);
  codec.encode(frameOf(appendOf([Uint8Array.of(7, 7, 7)])));
  t.is(hex(first), before);
});

const BUGS: readonly { readonly frame: Frame; readonly why: string }[] = [
  { frame: frameOf(beat({ type: "gossip" as "heartbeat" })), why: "an unknown type" },
  { frame: frameOf(beat({ term: 1.5 })), why: "half a term" },
  { frame: frameOf(beat({ commit: -1 })), why: "a negative index" },
  { frame: frameOf(beat({ commit: 2 ** 53 })), why: "an index of 2^53" },
  { frame: frameOf(beat({ commit: NaN })), why: "NaN" },
  { frame: frameOf(beat({ to: "c" })), why: "a message for another member" },
  { frame: { ...frameOf(), to: "a" }, why: "a frame to oneself" },
  { frame: { ...frameOf(), to: "" }, why: "an empty id" },
  { frame: { ...frameOf(), to: "\ud800" }, why: "an id that UTF-8 cannot hold" },
  { frame: { ...frameOf(), to: "\u20ac".repeat(67) }, why: "an id of 201 bytes" },
  {
    frame: frameOf({
      ...appendOf([]),
      entries: [1, 3].map((index) => ({
        term: 1,
        index,
        kind: "command",
        data: new Uint8Array(0),
      })),
    }),
    why: "entries with a gap",
  },
];

for (const { frame, why } of BUGS) {
  test(`FrameCodec does not encode ${why}`, (t) => {
    t.throws(() => new FrameCodec().encode(frame), { instanceOf: InvariantError });
  });
}

function frameOf(...messages: Message[]): Frame {
  return { group: 0, ...ROUTE, messages };
}

function beat(fields: Partial<Message & { type: "heartbeat" }>): Message {
  return { type: "heartbeat", ...ROUTE, term: 5, commit: 10, round: 2, ...fields };
}

function appendOf(commands: readonly Uint8Array[]): Message & { type: "appendRequest" } {
  return {
    type: "appendRequest",
    attempt: 1,
    ...ROUTE,
    term: 1,
    previous: { term: 0, index: 0 },
    commit: 0,
    entries: commands.map((data, position) => ({
      term: 1,
      index: position + 1,
      kind: "command",
      data,
    })),
  };
}

type Random = ReturnType<typeof randomOfTest>;

/** A frame with a few bytes changed, taken out, put in, or with its end cut off; now and then as it was. */
function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let result = bytes;
  for (let change = random.int(0, 4); change > 0; change -= 1) {
    const at = random.int(0, result.length + 1);
    const head = result.subarray(0, at);
    const byte = random.pick([random.int(0, 256), 0x90, 0xc0, 0xcf, 0xdd, 0xdf, 0, 1]);
    switch (random.int(0, 4)) {
      case 0:
        result = Uint8Array.of(...head, byte, ...result.subarray(at + 1));
        break;
      case 1:
        result = Uint8Array.of(...head, byte, ...result.subarray(at));
        break;
      case 2:
        result = Uint8Array.of(...head, ...result.subarray(at + random.int(1, 4)));
        break;
      default:
        result = random.int(0, 4) === 0 ? head : result;
    }
  }
  return result;
}

/** The frame, `null` if it is refused as it should be; any other exception ends the test. */
function decodeOrNull(codec: FrameCodec, bytes: Uint8Array): Frame | null {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (error instanceof FrameError) {
      return null;
    }
    throw error;
  }
}

/** What all objects, lists and byte arrays inherit. */
function prototypeKeys(): PropertyKey[] {
  return [Object, Array, Uint8Array].flatMap(({ prototype }) => Reflect.ownKeys(prototype));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
}
