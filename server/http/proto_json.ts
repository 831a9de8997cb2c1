import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type MessageShape,
  ScalarType,
} from "@bufbuild/protobuf";

/** JSON that does not stand for a message. */
export class ProtoJsonError extends Error {
  readonly code = "PROTO_JSON";

  constructor(reason: string, options: ErrorOptions = {}) {
    super(reason, options);
    this.name = "ProtoJsonError";
  }
}

/** A number as it was written: a double would round the long ones. */
class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Parsed = null | boolean | string | NumberText | readonly Parsed[] | ParsedObject;

interface ParsedObject {
  readonly [key: string]: Parsed;
}

/**
 * Reads a message from JSON, by the rules that etcd's gateway has (Go's
 * protojson): stricter than the library's own, which would make other bytes and
 * numbers of some malformed ones. Unknown fields are left out.
 *
 * @throws {ProtoJsonError} if the text is not JSON, or not of that message.
 */
export function messageFromJson<Schema extends DescMessage>(
  schema: Schema,
  text: string,
): MessageShape<Schema> {
  try {
    const parsed = parse(text);
    return fromJson(schema, toLibraryJson(schema, parsed), { ignoreUnknownFields: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProtoJsonError(reason, { cause: error });
  }
}

function parse(text: string): Parsed {
  const keepNumbers = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" ? new NumberText(context?.source ?? String(value)) : value;
  return JSON.parse(text, keepNumbers as (key: string, value: unknown) => unknown) as Parsed;
}

/** The same in the form that the library reads: numbers and bytes checked and made canonical. */
function toLibraryJson(schema: DescMessage, parsed: Parsed): JsonValue {
  if (
    typeof parsed !== "object" || parsed === null || isList(parsed) || parsed instanceof NumberText
  ) {
    return plain(parsed);
  }
  const fields = new Map(schema.fields.flatMap((field) => [
    [field.name, field] as const,
    [field.jsonName, field] as const,
  ]));
  const entries: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(parsed as ParsedObject)) {
    const field = fields.get(name);
    if (field !== undefined) {
      entries.push([name, fieldJson(field, value)]);
    }
  }
  return Object.fromEntries(entries);
}

function fieldJson(field: DescField, value: Parsed): JsonValue {
  if (field.fieldKind === "list" && isList(value)) {
    return value.map((item) => singularJson(field, item));
  }
  return singularJson(field, value);
}

function singularJson(field: DescField, value: Parsed): JsonValue {
  if (field.message !== undefined && field.fieldKind !== "map") {
    return toLibraryJson(field.message, value);
  }
  switch (field.scalar) {
    case ScalarType.BYTES:
      return typeof value === "string" ? canonicalBase64(value) : plain(value);
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return value instanceof NumberText || typeof value === "string"
        ? canonicalInteger(value instanceof NumberText ? value.text : value)
        : plain(value);
    default:
      return plain(value);
  }
}

function plain(value: Parsed): JsonValue {
  if (value instanceof NumberText) {
    return Number(value.text);
  }
  return isList(value) ? value.map(plain) : value as JsonValue;
}

function isList(value: Parsed): value is readonly Parsed[] {
  return Array.isArray(value);
}

/**
 * Base64 in the standard alphabet or the one for URLs, not both, with padding
 * or without. Line breaks do not count.
 */
function canonicalBase64(text: string): string {
  const bare = text.replaceAll(/[\r\n]/g, "");
  const isPadded = /^(?:[^=]{4})*(?:[^=]{2}==|[^=]{3}=)?$/.test(bare);
  const isBare = /^(?:[^=]{4})*[^=]{2,3}$/.test(bare);
  if (!/^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)=*$/.test(bare) || !(isPadded || isBare)) {
    throw new Error(`illegal base64 data: ${JSON.stringify(text.slice(0, 40))}`);
  }
  return bare;
}

/** A number of JSON that is whole, such as `12`, `1.0` or `1e3`, as digits alone. */
function canonicalInteger(text: string): string {
  const match = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (match === null) {
    throw new Error(`invalid integer: ${JSON.stringify(text.slice(0, 40))}`);
  }
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  // The point moves right by the exponent; what remains behind it must be nothing.
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const before = point <= 0 ? "0" : digits.slice(0, point).padEnd(Math.min(point, 400), "0");
  const behind = point <= 0 ? digits : digits.slice(point);
  if (/[1-9]/.test(behind)) {
    throw new Error(`not a whole number: ${JSON.stringify(text.slice(0, 40))}`);
  }
  return `${sign}${before.replace(/^0+(?=\d)/, "")}`;
}
