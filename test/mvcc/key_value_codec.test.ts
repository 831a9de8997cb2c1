import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import test from "ava";
import fc from "fast-check";
import { decodeKeyValue, encodeKeyValue, encodeTombstone, type KeyValue } from "../../mvcc/mod.ts";
import { KeyValueSchema } from "../../proto/mod.ts";
import { bytes, fromHex } from "./bytes.ts";

const number = fc.oneof(
  fc.constant(0),
  fc.nat(300),
  fc.maxSafeNat(),
);
const lease = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map(toLease);
const record: fc.Arbitrary<KeyValue> = fc.record({
  key: fc.uint8Array({ maxLength: 300 }),
  value: fc.uint8Array({ maxLength: 300 }),
  createRevision: number,
  modRevision: number,
  version: number,
  lease,
});

function toLease(id: bigint): string {
  return id === 0n ? "" : id.toString(16).padStart(16, "0");
}

function toMessage({ key, value, createRevision, modRevision, version, lease }: KeyValue) {
  return create(KeyValueSchema, {
    key,
    value,
    createRevision: BigInt(createRevision),
    modRevision: BigInt(modRevision),
    version: BigInt(version),
    lease: BigInt.asIntN(64, BigInt(`0x${lease || "0"}`)),
  });
}

test("encodeKeyValue gives the bytes of the generated codec", (t) => {
  fc.assert(
    fc.property(record, (record) => {
      t.deepEqual(encodeKeyValue(record), toBinary(KeyValueSchema, toMessage(record)));
    }),
    { numRuns: 1000 },
  );
});

test("encodeKeyValue has the right length around every power of two", (t) => {
  for (let bits = 0; bits <= 64; bits++) {
    for (const more of [-1n, 0n, 1n]) {
      const id = BigInt.asUintN(64, (1n << BigInt(bits)) + more);
      const version = Number(id & BigInt(Number.MAX_SAFE_INTEGER));
      const record = { ...EXAMPLE, modRevision: version, version, lease: toLease(id) };
      const encoded = encodeKeyValue(record);
      t.deepEqual(encoded, toBinary(KeyValueSchema, toMessage(record)));
      t.deepEqual(decodeKeyValue(encoded), record);
    }
  }
});

test("decodeKeyValue reads what the generated codec writes", (t) => {
  fc.assert(
    fc.property(record, (record) => {
      t.deepEqual(decodeKeyValue(toBinary(KeyValueSchema, toMessage(record))), record);
    }),
    { numRuns: 1000 },
  );
});

test("encodeTombstone is a KeyValue with the key alone", (t) => {
  const key = bytes("chen");
  t.deepEqual(encodeTombstone(key), toBinary(KeyValueSchema, create(KeyValueSchema, { key })));
});

test("decodeKeyValue returns views, so that a large value is not copied", (t) => {
  const encoded = encodeKeyValue({ ...EXAMPLE, value: new Uint8Array(1000) });
  t.is(decodeKeyValue(encoded).value.buffer, encoded.buffer);
});

test("encodeKeyValue takes the largest key and value", (t) => {
  const large = {
    ...EXAMPLE,
    key: new Uint8Array(70_000).fill(1),
    value: new Uint8Array(3_000_000).fill(2),
  };
  const encoded = encodeKeyValue(large);
  t.is(Buffer.compare(encoded, toBinary(KeyValueSchema, toMessage(large))), 0);
});

for (const lease of ["2a", "000000000000002A", "00000000000000zz", "0000000000000000a"]) {
  test(`encodeKeyValue refuses the lease ${lease}`, (t) => {
    t.like(t.throws(() => encodeKeyValue({ ...EXAMPLE, lease })), { code: "INVARIANT" });
  });
}

for (const version of [-1, NaN, 2 ** 53]) {
  test(`encodeKeyValue refuses the number ${version}`, (t) => {
    t.like(t.throws(() => encodeKeyValue({ ...EXAMPLE, version })), { code: "INVARIANT" });
  });
}

for (
  const { hex, why } of [
    { hex: "38ffffffffffffffffff01", why: "field 7, a number" },
    { hex: "3d01020304", why: "field 7, 4 bytes" },
    { hex: "390102030405060708", why: "field 7, 8 bytes" },
    { hex: "3a03010203", why: "field 7, bytes" },
    { hex: "c23e0101", why: "field 1000" },
  ]
) {
  test(`decodeKeyValue skips what it does not know: ${why}`, (t) => {
    const unknown = fromHex(hex);
    const known = encodeKeyValue(EXAMPLE);
    t.deepEqual(decodeKeyValue(Uint8Array.from([...unknown, ...known, ...unknown])), EXAMPLE);
  });
}

for (
  const { hex, why } of [
    { hex: "0a", why: "a length is missing" },
    { hex: "0a05616263", why: "bytes end too early" },
    { hex: "10", why: "a number is missing" },
    { hex: "1080", why: "a number ends too early" },
    { hex: "10ffffffffffffffffff02", why: "65 bits" },
    { hex: "1080808080808080808080808000", why: "a number of 11 bytes" },
    { hex: "10ffffffffffffffffff01", why: "a negative revision" },
    { hex: "108080808080808010", why: "a revision of 2^53" },
    { hex: "0a8080808080808010", why: "a length of 2^53" },
    { hex: "0801", why: "the key as a number" },
    { hex: "120161", why: "a revision as bytes" },
    { hex: "0001", why: "field 0" },
    { hex: "8080808080800101", why: "a field number of more than 32 bits" },
    { hex: "3b3c", why: "a group" },
    { hex: "3c", why: "the end of a group" },
    { hex: "3e", why: "wire type 6" },
    { hex: "3d010203", why: "4 bytes that are 3" },
  ]
) {
  test(`decodeKeyValue refuses ${hex}: ${why}`, (t) => {
    t.like(t.throws(() => decodeKeyValue(fromHex(hex))), { code: "RECORD_MALFORMED" });
  });
}

test("decodeKeyValue of any bytes either fails or agrees with the generated codec", (t) => {
  // Mostly tags of the message's fields, so that much of it decodes.
  const noise = fc.array(fc.oneof(fc.constantFrom(10, 16, 24, 32, 42, 48, 58), fc.nat(255)), {
    maxLength: 20,
  }).map((bytes) => Uint8Array.from(bytes));
  let decoded = 0;
  fc.assert(
    fc.property(noise, (bytes) => {
      let record: KeyValue;
      try {
        record = decodeKeyValue(bytes);
      } catch (error) {
        t.is((error as { code?: string }).code, "RECORD_MALFORMED");
        return;
      }
      decoded++;
      const message = fromBinary(KeyValueSchema, bytes, { readUnknownFields: false });
      t.deepEqual(encodeKeyValue(record), toBinary(KeyValueSchema, message));
    }),
    { numRuns: 3000 },
  );
  t.true(decoded > 100, `only ${decoded} decoded`);
});

const EXAMPLE: KeyValue = {
  key: Uint8Array.of(1, 2),
  value: Uint8Array.of(3),
  createRevision: 4,
  modRevision: 5,
  version: 2,
  lease: "000000000000002a",
};
