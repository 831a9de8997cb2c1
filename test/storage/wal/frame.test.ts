import test from "ava";
import fc from "fast-check";
import { type Entry, type EntryKind, membershipOf } from "../../../raft/mod.ts";
import { decodeFrame, readEntryHead, readFrameHead } from "../../../storage/wal/frame_decoder.ts";
import { frameChecks, headChecks } from "../../../storage/wal/frame_check.ts";
import { type FrameContent, FrameEncoder } from "../../../storage/wal/frame_encoder.ts";

const index = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 33 }),
  fc.constant(Number.MAX_SAFE_INTEGER - 9),
);
const crc = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const hardState = fc.record({
  term: index,
  vote: fc.option(fc.string({ unit: "grapheme" }), { nil: null }),
  commit: index,
}).chain((hardState) => fc.constantFrom(hardState, { ...hardState, isSuspect: true }));
const marker = fc.record({
  index,
  term: index,
  membership: fc.option(fc.constant(membershipOf(["a", "ü"])), { nil: null }),
});
const entry = fc.record({
  term: index,
  kind: fc.constantFrom<EntryKind>("command", "noop", "membership"),
  data: fc.uint8Array({ maxLength: 300 }),
});
const content: fc.Arbitrary<FrameContent> = fc.record({
  hardState: fc.option(hardState, { nil: null }),
  marker: fc.option(marker, { nil: null }),
  dropAll: fc.boolean(),
  entries: fc.tuple(index, fc.array(entry, { maxLength: 8 })).map(([first, entries]) =>
    entries.map((entry, offset) => ({ ...entry, index: first + offset }))
  ),
});
const place = fc.record({
  sequence: index,
  offset: fc.integer({ min: 0, max: 2 ** 32 }),
  previousCrc: crc,
  headerCrc: crc,
});
const filler = fc.integer({ min: 0, max: 600 }).map((words) => 8 * words);

/** Used again and again, as the log does. */
const encoder = new FrameEncoder();

test("FrameEncoder makes frames that decode to what went in", (t) => {
  fc.assert(
    fc.property(content, place, filler, (content, place, filler) => {
      const size = encoder.encode(content);
      encoder.fill(filler);
      const bytes = encoder.seal(place).slice();
      t.is(bytes.length, size + filler);
      t.is(size % 8, 0);
      const head = readFrameHead(new DataView(bytes.buffer), 0, {
        ...place,
        sizeBytes: place.offset + bytes.length,
      });
      t.deepEqual(head, {
        crc: encoder.crc,
        length: encoder.length,
        previousCrc: place.previousCrc,
        watermark: place.offset,
      });
      t.true(headChecks(bytes, 0, place.headerCrc));
      t.true(head !== null && frameChecks(bytes, 0, head, place.headerCrc));
      t.false(head !== null && frameChecks(bytes, 0, head, (place.headerCrc ^ 1) >>> 0));
      const { hardState, marker, dropAll, firstIndex, entryCount, dataBytes, reader } = decodeFrame(
        bytes,
        0,
        head!,
      );
      const entries = Array.from({ length: entryCount }, (_, offset): Entry => {
        const { length, kind, term } = readEntryHead(reader);
        return { term, kind, data: reader.take(length), index: firstIndex + offset };
      });
      t.deepEqual({ hardState, marker, dropAll, entries }, { ...content });
      t.true(reader.isAtEnd());
      t.is(dataBytes, content.entries.reduce((sum, { data }) => sum + data.length, 0));
      t.is(dataBytes, encoder.dataBytes);
    }),
  );
  t.pass();
});

test("readFrameHead and frameChecks accept no frame in which a bit is flipped", (t) => {
  fc.assert(
    fc.property(content, place, filler, fc.nat(), (content, place, filler, seed) => {
      encoder.encode(content);
      encoder.fill(filler);
      const bytes = encoder.seal(place).slice();
      const bit = seed % (encoder.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const head = readFrameHead(new DataView(bytes.buffer), 0, {
        ...place,
        sizeBytes: place.offset + bytes.length,
      });
      t.false(head !== null && frameChecks(bytes, 0, head, place.headerCrc), `bit ${bit}`);
    }),
    { numRuns: 500 },
  );
  t.pass();
});

for (
  const { changed, why } of [
    { changed: { sequence: 8 }, why: "it belongs to another segment" },
    { changed: { offset: 63 }, why: "its watermark lies beyond itself" },
    { changed: { sizeBytes: 100 }, why: "it would reach beyond the file" },
  ]
) {
  test(`W12: readFrameHead refuses a frame: ${why}`, (t) => {
    encoder.encode({
      hardState: null,
      marker: null,
      dropAll: false,
      entries: [{ term: 1, index: 1, kind: "command", data: new Uint8Array(100) }],
    });
    const bytes = encoder.seal({ sequence: 7, offset: 64, previousCrc: 1, headerCrc: 9 }).slice();
    const view = new DataView(bytes.buffer);
    const place = { sequence: 7, offset: 64, sizeBytes: 4096 };
    t.not(readFrameHead(view, 0, place), null);
    t.is(readFrameHead(view, 0, { ...place, ...changed }), null);
  });
}
