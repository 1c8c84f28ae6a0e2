import fc from 'fast-check';
import { CLAIMS, HEADER, KID, mint, verifierOf } from './issuer.fixture';
import { itRefuses, refusalOf, refusedAs } from './refusals.fixture';

/** What is no longer exactly one JSON object in UTF-8, made from the text of one. */
const NO_STRICT_JSON: readonly [name: string, edit: (text: string) => string | Buffer][] = [
  ['a byte order mark', (text) => `\ufeff${text}`],
  ['UTF-16, little endian', (text) => Buffer.from(text, 'utf16le')],
  ['UTF-16, little endian, marked', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-16, big endian', (text) => Buffer.from(text, 'utf16le').swap16()],
  ['UTF-16, big endian, marked', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  // In the first text, so that a decoder that forgives them would refuse the value instead.
  ['a byte UTF-8 never has', inFirstText(0xff)],
  ['a continuation without start', inFirstText(0x80)],
  ['a start without continuation', inFirstText(0xc3)],
  ['an overlong slash', inFirstText(0xc0, 0xaf)],
  ['an overlong NUL', inFirstText(0xc0, 0x80)],
  ['a surrogate as UTF-8', inFirstText(0xed, 0xa0, 0x80)],
  ['a code point beyond Unicode', inFirstText(0xf4, 0x90, 0x80, 0x80)],
  ['a sequence of five bytes', inFirstText(0xf8, 0x88, 0x80, 0x80, 0x80)],
  ['Latin-1', inFirstText(0xe9)],
  ['a raw NUL', inFirstText(0)],
  ['a raw line end', inFirstText(0x0a)],
  ['a raw tab', inFirstText(0x09)],
  ['a NUL after it', (text) => `${text}\0`],
  ['a no-break space after it', (text) => `${text}\u00a0`],
  ['a form feed before it', (text) => `\f${text}`],
  ['a trailing comma', (text) => text.replace(/\}$/, ',}')],
  ['a comment', (text) => text.replace(',', ',/* */')],
  ['a comment after it', (text) => `${text}//`],
  ['single quotes', (text) => text.replaceAll('"', "'")],
  ['a name without quotes', (text) => text.replace(/"(\w+)":/, '$1:')],
  ['an object after it', (text) => `${text}{}`],
  ['a missing end', (text) => text.slice(0, -1)],
  ['a surplus end', (text) => `${text}}`],
  ['percent-encoding', encodeURIComponent],
  ['a second base64url', (text) => Buffer.from(text).toString('base64url')],
  ['a list around it', (text) => `[${text}]`],
  ['a text around it', JSON.stringify],
  ['a list of its values', (text) => JSON.stringify(Object.values(JSON.parse(text) as object))],
  ['null', () => 'null'],
  ['true', () => 'true'],
  ['a number', () => '7'],
  ['an empty text', () => '""'],
  ['an empty list', () => '[]'],
  ['a space', () => ' '],
  ['a token', () => mint()],
];

function inFirstText(...bytes: number[]) {
  return (text: string): Buffer => {
    const at = text.indexOf(':"') + 2;
    return Buffer.from([
      ...Buffer.from(text.slice(0, at)),
      ...bytes,
      ...Buffer.from(text.slice(at)),
    ]);
  };
}

/** The text of an object with a repeated member, from its first member and what follows that. */
const REPEATED: readonly [name: string, edit: (first: string, rest: string) => string][] = [
  ['a member twice', (first, rest) => `{${first},${first},${rest}`],
  ['a member twice, far apart', (first, rest) => `{${first},${rest.slice(0, -1)},${first}}`],
  ['another value before', (first, rest) => `{${valued(first, '"none"')},${first},${rest}`],
  ['another value after', (first, rest) => `{${first},${valued(first, '"none"')},${rest}`],
  ['one name in escapes', (first, rest) => `{${escaped(first, 1)},${first},${rest}`],
  ['both names in escapes', (first, rest) => `{${escaped(first, 1)},${escaped(first, 2)},${rest}`],
  ['a space before the colon', (first, rest) => `{${first.replace(':', ' \t:')},${first},${rest}`],
  ['one in an object', (first, rest) => `{${valued(first, TWICE)},${rest}`],
  ['one in an object in a list', (first, rest) => `{${valued(first, `[${TWICE}]`)},${rest}`],
];
const TWICE = '{"a":{"b":1,"b":1}}';

const valued = (member: string, value: string) => member.replace(/:.*$/, `:${value}`);

/** The member, one character of it written as an escape. */
function escaped(member: string, at: number): string {
  const code = member.charCodeAt(at).toString(16).padStart(4, '0');
  return `${member.slice(0, at)}\\u${code}${member.slice(at + 1)}`;
}

function repeated(part: object, edit: (first: string, rest: string) => string): string {
  const text = JSON.stringify(part);
  const end = text.indexOf(',');
  return edit(text.slice(1, end), text.slice(end + 1));
}

/** The valid claims after further ones that nobody reads. */
const after = (claims: string) => mint(HEADER, `{${claims},${JSON.stringify(CLAIMS).slice(1)}`);

describe('AccessTokenVerifier refuses a header that has or is', () => {
  const text = JSON.stringify(HEADER);
  const rows = NO_STRICT_JSON.map(([name, edit]) => [name, mint(edit(text))] as const);
  itRefuses(refusedAs('token_malformed', rows), { lookups: 0 });
});

describe('AccessTokenVerifier refuses a payload that has or is', () => {
  const text = JSON.stringify(CLAIMS);
  const rows = NO_STRICT_JSON.map(([name, edit]) => [name, mint(HEADER, edit(text))] as const);
  itRefuses(refusedAs('token_malformed', rows), { lookups: 1 });
});

describe('AccessTokenVerifier refuses in a header, of repeated members,', () => {
  const rows = REPEATED.map(([name, edit]) => [name, mint(repeated(HEADER, edit))] as const);
  itRefuses(refusedAs('token_malformed', rows), { lookups: 0 });
});

describe('AccessTokenVerifier refuses in a payload, of repeated members,', () => {
  const rows = REPEATED.map(
    ([name, edit]) => [name, mint(HEADER, repeated(CLAIMS, edit))] as const,
  );
  itRefuses(
    refusedAs('token_malformed', [
      ...rows,
      ['__proto__ twice', after('"__proto__":1,"__proto__":1')],
      ['an empty name twice', after('"":1,"":1')],
      ['a surrogate twice', after('"\\ud800":1,"\\uD800":1')],
      ['one in a claim nobody reads', after('"a":{"b":1,"\\u0062":1}')],
      ['one in a list nobody reads', after('"a":[1,{"b":{"c":"}","c":"{"}}]')],
    ]),
    {
      lookups: 1,
      unbroken: after('"__proto__":1,"":1,"a":{"a":1},"b":[{"a":1},{"a":"\\"a\\":1,\\"a\\":2"}]'),
    },
  );
});

describe('AccessTokenVerifier refuses, with a TokenRejected and nothing else,', () => {
  it('any bytes for a header', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), async (bytes) => {
        const { code } = await refusalOf(mint(Buffer.from(bytes)));
        expect(code).toBe('token_malformed');
      }),
    );
  });

  it('any bytes for a payload', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), async (bytes) => {
        const { code } = await refusalOf(mint(HEADER, Buffer.from(bytes)));
        expect(code).toBe('token_malformed');
      }),
    );
  });
});

describe('AccessTokenVerifier accepts what JSON leaves open:', () => {
  it.each<[string, string]>([
    ['a header in other order', mint({ kid: KID, typ: 'at+jwt', alg: 'RS256' })],
    ['a header with spaces', mint(JSON.stringify(HEADER, null, 2))],
    ['a header with escapes', mint('{"\\u0061lg":"RS\\u003256","typ":"at+jwt","kid":"2030-01.a"}')],
    ['a payload with spaces', mint(HEADER, JSON.stringify(CLAIMS, null, '\t'))],
  ])('%s', async (_name, token) => {
    await expect(verifierOf().verify(token)).resolves.toMatchObject({ sub: 'user-1' });
  });
});
