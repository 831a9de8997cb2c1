import test from "ava";
import fc from "fast-check";
import { GrpcCode, RpcError } from "../../server/errors.ts";
import { encodeFrame, UnaryFrameReader } from "../../server/grpc/frame.ts";
import { encodeStatusMessage, parseTimeoutMs } from "../../server/grpc/metadata.ts";

test("UnaryFrameReader returns the message however its bytes are cut", (t) => {
  const message = fc.uint8Array({ maxLength: 50 });
  fc.assert(fc.property(message, fc.array(fc.nat(60), { maxLength: 6 }), (original, cuts) => {
    const frame = encodeFrame(original);
    const reader = new UnaryFrameReader(100);
    const ends = [...cuts.filter((cut) => cut < frame.length).sort((a, b) => a - b), frame.length];
    ends.forEach((end, index) => reader.push(frame.subarray(ends[index - 1] ?? 0, end)));
    t.deepEqual(new Uint8Array(reader.end()), original);
  }));
  t.pass();
});

for (
  const { bytes, code, why } of [
    {
      bytes: [0, 0, 0, 0, 11],
      code: GrpcCode.resourceExhausted,
      why: "a message that is too large",
    },
    { bytes: [0, 255, 255, 255, 255], code: GrpcCode.resourceExhausted, why: "4 GiB announced" },
    {
      bytes: [1, 0, 0, 0, 1, 7],
      code: GrpcCode.internal,
      why: "a compressed message of no encoding",
    },
    { bytes: [0, 0, 0, 0, 2, 7], code: GrpcCode.internal, why: "a message that is cut off" },
    { bytes: [0, 0, 0], code: GrpcCode.internal, why: "a header that is cut off" },
    { bytes: [], code: GrpcCode.internal, why: "no message" },
    { bytes: [0, 0, 0, 0, 1, 7, 8], code: GrpcCode.internal, why: "bytes after the message" },
  ]
) {
  test(`UnaryFrameReader refuses ${why}`, (t) => {
    const reader = new UnaryFrameReader(10);
    const error = t.throws(() => {
      reader.push(Uint8Array.from(bytes));
      reader.end();
    }, { instanceOf: RpcError });
    t.is(error.code, code);
  });
}

for (
  const { header, ms, why } of [
    { header: "5S", ms: 5_000, why: "seconds" },
    { header: "2H", ms: 7_200_000, why: "hours" },
    { header: "4999871u", ms: 4_999.871, why: "microseconds" },
    { header: "1n", ms: 0.000_001, why: "nanoseconds" },
    { header: "123456789S", ms: null, why: "more than eight digits" },
    { header: "5", ms: null, why: "no unit" },
    { header: undefined, ms: null, why: "no header" },
  ]
) {
  test(`parseTimeoutMs(${header}) is ${ms}: ${why}`, (t) => {
    t.is(parseTimeoutMs(header), ms);
  });
}

test("encodeStatusMessage leaves plain text alone and survives any other", (t) => {
  t.is(encodeStatusMessage('etcdserver: mvcc: (1 vs. 2) "x"'), 'etcdserver: mvcc: (1 vs. 2) "x"');
  t.is(encodeStatusMessage("50 %\nü"), "50 %25%0A%C3%BC");
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    const encoded = encodeStatusMessage(text);
    t.regex(encoded, /^[\x20-\x7e]*$/);
    t.is(decodeURIComponent(encoded), text);
  }));
});
