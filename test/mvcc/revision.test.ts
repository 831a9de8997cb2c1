import test from "ava";
import fc from "fast-check";
import {
  compareRevisions,
  decodeRevision,
  encodeRevision,
  encodeTombstoneRevision,
  isTombstoneRevision,
} from "../../mvcc/mod.ts";
import { fromHex, toHex } from "./bytes.ts";

const number = fc.oneof(fc.nat(300), fc.maxSafeNat());
const revision = fc.record({ main: number, sub: number });

for (
  const { main, sub, hex, why } of [
    { main: 2, sub: 0, hex: "0000000000000002" + "5f" + "0000000000000000", why: "the first put" },
    {
      main: 0x1_0203_0405,
      sub: 6,
      hex: "0000000102030405" + "5f" + "0000000000000006",
      why: "more than 32 bits",
    },
    {
      main: Number.MAX_SAFE_INTEGER,
      sub: 0xffff_ffff,
      hex: "001fffffffffffff" + "5f" + "00000000ffffffff",
      why: "the largest there is",
    },
  ]
) {
  test(`encodeRevision(${main}, ${sub}) is etcd's key: ${why}`, (t) => {
    t.is(toHex(encodeRevision({ main, sub })), hex);
    t.is(toHex(encodeTombstoneRevision({ main, sub })), hex + "74");
  });
}

test("decodeRevision reads back what was encoded", (t) => {
  fc.assert(fc.property(revision, (revision) => {
    const put = encodeRevision(revision);
    const tombstone = encodeTombstoneRevision(revision);
    t.deepEqual(decodeRevision(put), revision);
    t.deepEqual(decodeRevision(tombstone), revision);
    t.false(isTombstoneRevision(put));
    t.true(isTombstoneRevision(tombstone));
  }));
});

test("encodeRevision keeps the order of revisions in its bytes", (t) => {
  fc.assert(fc.property(revision, revision, (a, b) => {
    t.is(
      Math.sign(Buffer.compare(encodeRevision(a), encodeRevision(b))),
      Math.sign(compareRevisions(a, b)),
    );
  }));
});

for (
  const { hex, why } of [
    { hex: "", why: "nothing" },
    { hex: "0000000000000002" + "5f" + "00000000000000", why: "too short" },
    { hex: "0000000000000002" + "5f" + "0000000000000000" + "7474", why: "too long" },
    { hex: "0000000000000002" + "5f" + "0000000000000000" + "75", why: "a mark that is no t" },
    { hex: "0000000000000002" + "5e" + "0000000000000000", why: "no underscore" },
    { hex: "0020000000000000" + "5f" + "0000000000000000", why: "2^53 is not safe" },
    { hex: "ffffffffffffffff" + "5f" + "0000000000000000", why: "a negative number" },
  ]
) {
  test(`decodeRevision refuses ${hex || "no bytes"}: ${why}`, (t) => {
    t.like(t.throws(() => decodeRevision(fromHex(hex))), { code: "RECORD_MALFORMED" });
  });
}
