import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

export type AttributeValue = string | number | boolean;

/** A span as a collector receives it. */
export interface ReceivedSpan {
  /** `service.name` of the process it is from. */
  readonly service: string;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly resource: Readonly<Record<string, AttributeValue>>;
}

type Fields = ReadonlyMap<number, readonly (Uint8Array | bigint | number)[]>;

/** The spans of an `ExportTraceServiceRequest` (opentelemetry/proto/trace/v1/trace.proto). */
export function readSpans(message: Uint8Array): readonly ReceivedSpan[] {
  return messages(fieldsOf(message), 1).flatMap((ofResource) => {
    const resource = attributesOf(messages(ofResource, 1)[0] ?? new Map(), 1);
    return messages(ofResource, 2)
      .flatMap((ofScope) => messages(ofScope, 2))
      .map((span) => spanOf(span, resource));
  });
}

function spanOf(span: Fields, resource: ReceivedSpan['resource']): ReceivedSpan {
  return {
    service: String(resource['service.name']),
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    traceState: text(span, 3),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: Number(span.get(6)?.[0] ?? 0),
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
    status: Number(messages(span, 15)[0]?.get(3)?.[0] ?? 0),
    resource,
  };
}

function attributesOf(owner: Fields, field: number): Record<string, AttributeValue> {
  return Object.fromEntries(
    messages(owner, field).map((pair) => [text(pair, 1), valueOf(messages(pair, 2)[0])]),
  );
}

function valueOf(value: Fields | undefined): AttributeValue {
  if (value?.has(1)) return text(value, 1);
  if (value?.has(2)) return Number(value.get(2)?.[0]) === 1;
  if (value?.has(3)) return Number(value.get(3)?.[0]);
  throw new TypeError('no attribute here is anything but text, a boolean or a whole number');
}

function fieldsOf(message: Uint8Array): Fields {
  const reader = new BinaryReader(message);
  const fields = new Map<number, (Uint8Array | bigint | number)[]>();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    fields.set(field, [...(fields.get(field) ?? []), read(reader, wireType)]);
  }
  return fields;
}

function read(reader: BinaryReader, wireType: WireType): Uint8Array | bigint | number {
  if (wireType === WireType.LengthDelimited) return reader.bytes();
  if (wireType === WireType.Varint) return Number(reader.int64());
  if (wireType === WireType.Bit64) return BigInt(reader.fixed64());
  if (wireType === WireType.Bit32) return reader.fixed32();
  throw new TypeError(`no OTLP message has wire type ${wireType}`);
}

function messages(owner: Fields, field: number): readonly Fields[] {
  return (owner.get(field) ?? []).map((value) => fieldsOf(bytes(value)));
}

function text(owner: Fields, field: number): string {
  return Buffer.from(bytes(owner.get(field)?.[0] ?? new Uint8Array())).toString('utf8');
}

function hex(owner: Fields, field: number): string {
  return Buffer.from(bytes(owner.get(field)?.[0] ?? new Uint8Array())).toString('hex');
}

function bytes(value: Uint8Array | bigint | number): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError('a message, a text or an id was expected');
}
