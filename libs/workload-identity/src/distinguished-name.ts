declare const spelledOnce: unique symbol;

/** A distinguished name in the one form in which two are compared: `===`. */
export type DistinguishedName = string & { readonly [spelledOnce]: true };

/** RFC 4514 section 3; any other attribute is written by its object identifier. */
const OID_OF: ReadonlyMap<string, string> = new Map([
  ['CN', '2.5.4.3'],
  ['C', '2.5.4.6'],
  ['L', '2.5.4.7'],
  ['ST', '2.5.4.8'],
  ['STREET', '2.5.4.9'],
  ['O', '2.5.4.10'],
  ['OU', '2.5.4.11'],
  ['UID', '0.9.2342.19200300.100.1.1'],
  ['DC', '0.9.2342.19200300.100.1.25'],
]);

const LONGEST = 1_024;
const SEQUENCE = 0x30;
const SET = 0x31;
const OBJECT_IDENTIFIER = 0x06;
/** UTF8String, PrintableString, IA5String: what an attribute's text may be in; each is read as UTF-8. */
const TEXTS: ReadonlySet<number> = new Set([0x0c, 0x13, 0x16]);

const ATTRIBUTE =
  /([a-z][a-z0-9-]*|[0-9]+(?:\.[0-9]+)+)=((?:\\(?:[ "#+,;<=>\\]|[0-9a-f]{2})|[^"+,;<>\\\0])+)([+,]|$)/iy;

/** One relative distinguished name: its attributes, each as `oid=text`, in any order. */
type Relative = readonly string[];

/**
 * Parses the text of a distinguished name (RFC 4514), which begins with the most specific part: `CN=settler,O=Globex`. No
 * blanks around separators, no empty values, no values in hexadecimal BER.
 *
 * @returns undefined for anything else
 */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  if (text === '' || text.length > LONGEST) return undefined;
  const relatives: string[][] = [[]];
  ATTRIBUTE.lastIndex = 0;
  for (let separator: string | undefined = ','; separator !== '';) {
    const [, type = '', value = '', next] = ATTRIBUTE.exec(text) ?? [];
    const oid = /^[0-9]/.test(type) ? type : OID_OF.get(type.toUpperCase());
    const unescaped = unescapedValue(value);
    if (oid === undefined || unescaped === undefined) return undefined;
    relatives.at(-1)?.push(`${oid}=${unescaped}`);
    if (next === ',') relatives.push([]);
    separator = next;
  }
  return canonical(relatives.reverse());
}

/**
 * Reads a distinguished name from its DER (RFC 5280 section 4.1.2.4). Of two that a person reads alike, in other letters or
 * with other blanks, each is another one: stricter than the comparison of section 7.1.
 *
 * @returns undefined for an empty one, and for one that holds anything but text
 */
export function distinguishedNameOf(der: Uint8Array): DistinguishedName | undefined {
  try {
    const [name] = elements(Buffer.from(der));
    const relatives = elements(contentOf(name, SEQUENCE)).map((relative) =>
      elements(contentOf(relative, SET)).map((attribute) => {
        const [type, value] = elements(contentOf(attribute, SEQUENCE));
        if (value === undefined || !TEXTS.has(value.tag)) throw new TypeError('no text');
        return `${dotted(contentOf(type, OBJECT_IDENTIFIER))}=${utf8(value.content)}`;
      }),
    );
    return relatives.length === 0 ? undefined : canonical(relatives);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function canonical(relatives: readonly Relative[]): DistinguishedName {
  return JSON.stringify(relatives.map((each) => [...each].sort())) as DistinguishedName;
}

function unescapedValue(value: string): string | undefined {
  if (value === '' || /^[ #]|(?<!\\) $/.test(value)) return undefined;
  const parts = value.matchAll(/\\([0-9a-f]{2})|\\(.)|([^\\]+)/gis);
  const bytes = [...parts].map(([, hex, special, plain]) =>
    hex === undefined ? Buffer.from(special ?? plain ?? '') : Buffer.from(hex, 'hex'),
  );
  try {
    return utf8(Buffer.concat(bytes));
  } catch {
    return undefined;
  }
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** @throws TypeError for what is no sequence of DER elements of definite length */
function elements(der: Buffer): readonly Element[] {
  const found: Element[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at] ?? 0;
    const first = der[at + 1] ?? 0x80;
    const lengthBytes = first < 0x80 ? 0 : first - 0x80;
    if (first === 0x80 || lengthBytes > 2 || at + 2 + lengthBytes > der.length) {
      throw new TypeError('no length');
    }
    const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes);
    const begin = at + 2 + lengthBytes;
    at = begin + length;
    if (at > der.length) throw new TypeError('cut short');
    found.push({ tag, content: der.subarray(begin, at) });
  }
  return found;
}

function contentOf(element: Element | undefined, tag: number): Buffer {
  if (element?.tag !== tag) throw new TypeError('another element');
  return element.content;
}

function dotted(content: Buffer): string {
  const [first = 0, ...more] = arcs(content);
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...more].join('.');
}

function arcs(content: Buffer): readonly number[] {
  const found: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) found.push(arc);
    if (byte < 0x80) arc = 0;
  }
  return found;
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
