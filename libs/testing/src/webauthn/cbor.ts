/** What an attestation object and a public key are made of (RFC 8949, in the form of CTAP2: definite lengths, shortest heads). */
export type CborValue = number | string | Uint8Array | ReadonlyMap<number | string, CborValue>;

const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const MAP = 5;

/** Integers of up to 32 bits, texts, byte strings, and maps in the order they are in. */
export function encodeCbor(value: CborValue): Buffer {
  if (typeof value === 'number') return value < 0 ? head(NEGATIVE, -1 - value) : head(0, value);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    return Buffer.concat([head(TEXT, bytes.length), bytes]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(BYTES, value.length), value]);
  const entries = [...value].flatMap(([key, item]) => [encodeCbor(key), encodeCbor(item)]);
  return Buffer.concat([head(MAP, value.size), ...entries]);
}

function head(majorType: number, argument: number): Buffer {
  const type = majorType << 5;
  if (argument < 24) return Buffer.from([type | argument]);
  if (argument < 0x100) return Buffer.from([type | 24, argument]);
  const wide = Buffer.alloc(argument < 0x1_0000 ? 3 : 5);
  wide[0] = type | (wide.length === 3 ? 25 : 26);
  if (wide.length === 3) wide.writeUInt16BE(argument, 1);
  else wide.writeUInt32BE(argument, 1);
  return wide;
}
