import test from "ava";
import fc from "fast-check";
import { PutRequestSchema, RangeRequestSchema, TxnRequestSchema } from "../../proto/mod.ts";
import { messageFromJson, ProtoJsonError } from "../../server/http/proto_json.ts";

const range = (fields: string) => messageFromJson(RangeRequestSchema, `{${fields}}`);

for (
  const { json, key, why } of [
    { json: '"YQ=="', key: [0x61], why: "padded" },
    { json: '"YQ"', key: [0x61], why: "without padding" },
    { json: '"-_8="', key: [0xfb, 0xff], why: "in the alphabet for URLs" },
    { json: '"+/8="', key: [0xfb, 0xff], why: "in the standard alphabet" },
    { json: '"Y\\nQ="', key: null, why: "short of padding" },
    { json: '"Y\\nQ=="', key: [0x61], why: "with a line break" },
    { json: '"YQ==="', key: null, why: "with too much padding" },
    { json: '"Y Q=="', key: null, why: "with a blank" },
    { json: '"YQ==YQ=="', key: null, why: "with padding inside" },
    { json: '"-_8+"', key: null, why: "in both alphabets" },
    { json: '"A"', key: null, why: "of one letter" },
    { json: '"~~~~"', key: null, why: "in no alphabet" },
    { json: '""', key: [], why: "of nothing" },
    { json: "null", key: [], why: "that is null" },
    { json: "1", key: null, why: "that is a number" },
  ] as const
) {
  test(`messageFromJson ${key === null ? "refuses" : "takes"} base64 ${why}`, (t) => {
    if (key === null) {
      t.throws(() => range(`"key": ${json}`), { instanceOf: ProtoJsonError });
    } else {
      t.deepEqual([...range(`"key": ${json}`).key], [...key]);
    }
  });
}

for (
  const { json, value, why } of [
    { json: "12", value: 12n, why: "a number" },
    { json: '"12"', value: 12n, why: "a string of digits" },
    { json: '"-12"', value: -12n, why: "a negative one" },
    { json: "9223372036854775807", value: 2n ** 63n - 1n, why: "the largest, not rounded" },
    { json: '"-9223372036854775808"', value: -(2n ** 63n), why: "the smallest" },
    { json: "9223372036854775808", value: null, why: "one too large" },
    { json: "-9223372036854775809", value: null, why: "one too small" },
    { json: '"1e0"', value: 1n, why: "an exponent" },
    { json: '"1.0"', value: 1n, why: "a fraction of nothing" },
    { json: "1.5e1", value: 15n, why: "a fraction that the exponent takes up" },
    { json: '"1e18"', value: 10n ** 18n, why: "a large exponent" },
    { json: "1.5", value: null, why: "a fraction" },
    { json: "15e-1", value: null, why: "a fraction by its exponent" },
    { json: '"0x1"', value: null, why: "hex" },
    { json: '"+1"', value: null, why: "a plus" },
    { json: '" 1"', value: null, why: "a blank" },
    { json: '"01"', value: null, why: "a leading zero" },
    { json: '""', value: null, why: "an empty string" },
    { json: "1e999", value: null, why: "an absurd exponent" },
    { json: "true", value: null, why: "a boolean" },
  ]
) {
  test(`messageFromJson ${value === null ? "refuses" : "takes"} ${why} for an int64: ${json}`, (t) => {
    if (value === null) {
      t.throws(() => range(`"limit": ${json}`), { instanceOf: ProtoJsonError });
    } else {
      t.is(range(`"limit": ${json}`).limit, value);
    }
  });
}

test("messageFromJson reads every int64 exactly, quoted or not", (t) => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(fc.property(int64, fc.boolean(), (value, isQuoted) => {
    t.is(range(`"limit": ${isQuoted ? `"${value}"` : value}`).limit, value);
  }));
});

test("messageFromJson takes names in both forms, enums by name or number, and leaves unknown fields out", (t) => {
  t.like(range('"range_end": "Yg==", "sortOrder": "DESCEND", "sort_target": 4, "x": {"y": [1]}'), {
    rangeEnd: Uint8Array.of(0x62),
    sortOrder: 2,
    sortTarget: 4,
  });
  t.is(range('"sort_order": "descend"').sortOrder, 0);
  t.is(range('"Limit": 3').limit, 0n);
});

test("messageFromJson checks what is nested", (t) => {
  const txn = (put: string) =>
    messageFromJson(TxnRequestSchema, `{"success": [{"request_put": ${put}}]}`);
  t.deepEqual(txn('{"key": "YQ"}').success[0]?.request.case, "requestPut");
  t.throws(() => txn('{"key": "YQ="}'), { instanceOf: ProtoJsonError });
});

for (
  const text of ["", "[]", "1", '"x"', "{", "{}x", '{"key": {}}', '{"key": ["YQ=="]}', "\ufeff{}"]
) {
  test(`messageFromJson refuses ${JSON.stringify(text)}`, (t) => {
    t.throws(() => messageFromJson(PutRequestSchema, text), { instanceOf: ProtoJsonError });
  });
}

test("messageFromJson leaves prototypes alone", (t) => {
  messageFromJson(PutRequestSchema, '{"__proto__": {"polluted": true}, "constructor": 1}');
  t.is(({} as { polluted?: boolean }).polluted, undefined);
});
