import fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import {
  CLAIMS,
  encoded,
  HEADER,
  issuerKeys,
  KID,
  mint,
  sealed,
  segmentsOf,
  verifierOf,
  withClaims,
  withHeader,
} from './issuer.fixture';
import { itRefuses, refusalOf, refusedAs } from './refusals.fixture';

const TOKEN = mint();
const [header, payload, signature] = segmentsOf(TOKEN);

/** With the spaces JSON allows after it, to a length that leaves spare bits in the last character of its base64url. */
function withSpareBits(part: object): string {
  const text = JSON.stringify(part);
  return text.padEnd(text.length + ((4 - (text.length % 3)) % 3));
}

/** Each segment has spare bits and an `e`; all but the header hold both characters that set base64url apart. */
function tokenThatShowsItsEncoding(): string {
  for (let attempt = 0; ; attempt += 1) {
    const claims = { ...CLAIMS, jti: `token-${attempt}`, note: '>>>???' };
    const token = mint(withSpareBits(HEADER), withSpareBits(claims));
    if (/^(?=.*-)(?=.*_).*e/.test(segmentsOf(token)[2])) return token;
  }
}

const SPELLED = tokenThatShowsItsEncoding();

/** SPELLED with one segment written otherwise, and signed as it is then written: nothing but the spelling is wrong. */
function respelled(at: number, spell: (segment: string) => string): string {
  const [first, second, third] = segmentsOf(SPELLED).map((segment, index) =>
    index === at ? spell(segment) : segment,
  );
  return at === 2 ? `${first}.${second}.${third}` : sealed(`${first}.${second}`);
}

const hexOf = (character: string) => character.charCodeAt(0).toString(16);
const successorOf = (character: string) => String.fromCharCode(character.charCodeAt(0) + 1);
const shifted = (segment: string, by: number) =>
  String.fromCharCode(segment.charCodeAt(0) + by) + segment.slice(1);
const between = (text: string) => (segment: string) =>
  segment.slice(0, 8) + text + segment.slice(8);

const SPELLINGS: readonly [name: string, spell: (segment: string) => string][] = [
  ['padding', (segment) => `${segment}==`],
  ['half a padding', (segment) => `${segment}=`],
  ['percent-encoded padding', (segment) => `${segment}%3D%3D`],
  ['padding in front', (segment) => `==${segment}`],
  ['spare bits that are set', (segment) => segment.slice(0, -1) + successorOf(segment.slice(-1))],
  ['a length base64url cannot have', (segment) => segment.slice(0, -1)],
  ['a space', between(' ')],
  ['a tab', between('\t')],
  ['a line end', between('\n')],
  ['a line end of MIME', between('\r\n')],
  ['a no-break space', between('\u00a0')],
  ['a zero-width space', between('\u200b')],
  ['a soft hyphen', between('\u00ad')],
  ['a byte order mark', between('\ufeff')],
  ['a NUL', between('\0')],
  ['a line end after it', (segment) => `${segment}\n`],
  ['a percent-encoded character', (segment) => segment.replace(/^./, (it) => `%${hexOf(it)}`)],
  ['an escaped character', (segment) => segment.replace(/^./, (it) => `\\u00${hexOf(it)}`)],
  ['a full-width letter', (segment) => shifted(segment, 0xfee0)],
  ['a character equal in its low byte', (segment) => shifted(segment, 0x100)],
  ['a Cyrillic letter', (segment) => segment.replace('e', '\u0435')],
  ['a combining mark', between('\u0301')],
];

function nested(text: string, depth: number): string {
  return '['.repeat(depth) + text + ']'.repeat(depth);
}

describe('AccessTokenVerifier refuses, by the number of segments,', () => {
  itRefuses(
    refusedAs('token_malformed', [
      ['none', ''],
      ['the header alone', header],
      ['two', `${header}.${payload}`],
      ['four', `${TOKEN}.${signature}`],
      ['an empty fourth', `${TOKEN}.`],
      ['an empty one before', `.${TOKEN}`],
      ['an empty one between', `${header}..${payload}.${signature}`],
      ['five, as in an encrypted token', `${TOKEN}.${payload}.${signature}`],
      ['six, as in two tokens', `${TOKEN}.${TOKEN}`],
      ['a thousand', `${TOKEN}${'.a'.repeat(1_000)}`],
      ['three that are empty', '..'],
      ['no header', `.${payload}.${signature}`],
      ['no payload, as when it is detached', `${header}..${signature}`],
      ['no signature', `${header}.${payload}.`],
      ['no signature, and alg none', `${encoded({ ...HEADER, alg: 'none' })}.${payload}.`],
    ]),
    { lookups: 0 },
  );

  it('a token encrypted to the key it is signed with', async () => {
    const encrypted = await new CompactEncrypt(Buffer.from(TOKEN))
      .setProtectedHeader({ ...HEADER, alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT' })
      .encrypt(issuerKeys.publicKey);
    expect((await refusalOf(encrypted)).code).toBe('token_malformed');
  });
});

describe('AccessTokenVerifier refuses segments that are separated by', () => {
  const separators = [
    ...[
      ',',
      ' ',
      '\n',
      ':',
      '~',
      '%2E',
      '\\u002e',
      '&#46;',
      '\uff0e',
      '\u3002',
      '\u2024',
      '\u00b7',
    ],
  ];
  const rows = separators.map(
    (separator) => [JSON.stringify(separator), TOKEN.replaceAll('.', separator)] as const,
  );
  itRefuses(refusedAs('token_malformed', rows), { lookups: 0 });
});

describe('AccessTokenVerifier refuses a token with', () => {
  itRefuses(
    refusedAs('token_malformed', [
      ['a space before', ` ${TOKEN}`],
      ['a tab before', `\t${TOKEN}`],
      ['a byte order mark before', `\ufeff${TOKEN}`],
      ['a scheme before', `Bearer ${TOKEN}`],
      ['a URL before', `https://localhost/#access_token=${TOKEN}`],
      ['a space after', `${TOKEN} `],
      ['a line end after', `${TOKEN}\n`],
      ['a line end of HTTP after', `${TOKEN}\r\n`],
      ['a NUL after', `${TOKEN}\0`],
      ['a zero-width joiner after', `${TOKEN}\u200d`],
      ['a fragment after', `${TOKEN}#`],
      ['a tilde after, as with selective disclosure', `${TOKEN}~`],
      ['itself after a comma', `${TOKEN},${TOKEN}`],
      ['itself after a space', `${TOKEN} ${TOKEN}`],
      ['quotes around', `"${TOKEN}"`],
      ['angle brackets around', `<${TOKEN}>`],
      ['base64url around', Buffer.from(TOKEN).toString('base64url')],
      ['UTF-16 for its characters', Buffer.from(TOKEN, 'utf16le').toString('latin1')],
      ['the other letter case', TOKEN.toUpperCase()],
    ]),
    { lookups: 0 },
  );

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['a list that holds it', [TOKEN]],
    ['a list of its segments', segmentsOf(TOKEN)],
    ['its bytes', Buffer.from(TOKEN)],
    ['a String object', Object(TOKEN)],
    ['an object that becomes it', { toString: () => TOKEN, length: TOKEN.length }],
  ])('%s in the place of text', async (_name, presented) => {
    expect((await refusalOf(presented)).code).toBe('token_malformed');
  });
});

describe('AccessTokenVerifier refuses an encoding with', () => {
  const rows = ['header', 'payload', 'signature'].flatMap((segment, at) =>
    SPELLINGS.map(([name, spell]) => [`${name} in the ${segment}`, respelled(at, spell)] as const),
  );
  const toBase64 = (segment: string) => Buffer.from(segment, 'base64url').toString('base64');
  const hyphens = (segment: string) => segment.replaceAll('-', '\u2010');
  itRefuses(
    refusedAs('token_malformed', [
      ...rows,
      // No header in this system's form can hold either of the two characters.
      ['the base64 alphabet in the payload', respelled(1, (it) => toBase64(it).slice(0, -2))],
      ['the base64 alphabet in the signature', respelled(2, (it) => toBase64(it).slice(0, -2))],
      ['a + in the signature', respelled(2, (it) => it.replaceAll('-', '+'))],
      ['a / in the signature', respelled(2, (it) => it.replaceAll('_', '/'))],
      ['hyphens of Unicode in the payload', respelled(1, hyphens)],
      ['hyphens of Unicode in the signature', respelled(2, hyphens)],
    ]),
    { lookups: 0, unbroken: SPELLED },
  );

  it('any spare bit set in any segment', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const at of [0, 1, 2]) {
      for (let spare = 1; spare < 16; spare += 1) {
        const token = respelled(at, (segment) => {
          const last = alphabet.indexOf(segment.slice(-1));
          return segment.slice(0, -1) + alphabet.charAt(last + spare);
        });
        expect((await refusalOf(token)).code).toBe('token_malformed');
      }
    }
  });
});

describe('AccessTokenVerifier refuses the serialisation', () => {
  const flattened = { protected: header, payload, signature };
  const general = { payload, signatures: [{ protected: header, signature }] };
  const twice = { payload, signatures: [...general.signatures, ...general.signatures] };
  itRefuses(
    refusedAs('token_malformed', [
      ['flattened JSON', JSON.stringify(flattened)],
      ['flattened JSON, indented', JSON.stringify(flattened, null, 2)],
      ['flattened JSON, unprotected kid', JSON.stringify({ ...flattened, header: { kid: KID } })],
      ['flattened JSON, detached', JSON.stringify({ ...flattened, payload: undefined })],
      ['general JSON', JSON.stringify(general)],
      ['general JSON, two signatures', JSON.stringify(twice)],
      ['general JSON, no signature', JSON.stringify({ payload, signatures: [] })],
      ['a JSON list of the segments', JSON.stringify([header, payload, signature])],
      ['a JSON text of the token', JSON.stringify(TOKEN)],
      ['flattened JSON in base64url', encoded(flattened)],
      ['JSON in three segments', `{"protected":"${header}".${payload}.${signature}"}`],
    ]),
    { lookups: 0 },
  );
});

describe('AccessTokenVerifier refuses a payload that is not encoded (RFC 7797),', () => {
  const crit = ['b64'];
  const unencoded = encoded({ ...HEADER, b64: false, crit });
  // Dots would make more segments of it.
  const raw = JSON.stringify(CLAIMS).replaceAll('.', '\\u002e');
  const [, , overRaw] = segmentsOf(sealed(`${unencoded}.${raw}`));
  itRefuses(
    [
      ['in its place', 'token_malformed', `${unencoded}.${raw}.${overRaw}`],
      ['detached', 'token_malformed', `${unencoded}..${overRaw}`],
      ['encoded after all', 'token_key_reference_refused', withHeader({ b64: false, crit })],
      ['b64 true', 'token_key_reference_refused', withHeader({ b64: true, crit })],
      ['b64 not made critical', 'token_malformed', withHeader({ b64: false })],
      ['b64 true, not critical', 'token_malformed', withHeader({ b64: true })],
    ],
    { lookups: 0 },
  );
});

describe('AccessTokenVerifier, of large and deep tokens,', () => {
  const text = JSON.stringify(CLAIMS);
  const longest = mint(HEADER, text.padEnd(5838));
  const tooLong = mint(`${JSON.stringify(HEADER)} `, text.padEnd(5837));
  const deepClaim = (depth: number) => `{"deep":${nested('', depth)},${text.slice(1)}`;

  it('takes 8,192 characters and not one more', async () => {
    expect([longest.length, tooLong.length]).toEqual([8192, 8193]);
    await verifierOf().verify(longest);
    expect((await refusalOf(tooLong)).code).toBe('token_malformed');
  });

  itRefuses(
    [
      ['refuses 16 Mi characters', 'token_malformed', TOKEN.padEnd(2 ** 24, 'A')],
      ['refuses 16 Mi dots', 'token_malformed', TOKEN.padEnd(2 ** 24, '.')],
      ['refuses a large header', 'token_malformed', withHeader({ kid: 'k'.repeat(8192) })],
      ['refuses a large claim', 'token_malformed', withClaims({ sub: 'a'.repeat(8192) })],
      [
        'refuses a header of many members',
        'token_malformed',
        withHeader(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index, 0]))),
      ],
      [
        'refuses a deep member',
        'token_malformed',
        mint(`{"deep":${nested('', 2_500)},${JSON.stringify(HEADER).slice(1)}`),
      ],
      [
        'refuses a deep alg',
        'token_algorithm_refused',
        mint(JSON.stringify(HEADER).replace('"RS256"', nested('"RS256"', 2_500))),
      ],
      [
        'refuses a deep kid',
        'token_malformed',
        mint(JSON.stringify(HEADER).replace(`"${KID}"`, nested(`"${KID}"`, 2_500))),
      ],
    ],
    { lookups: 0 },
  );
  itRefuses(
    [
      [
        'refuses a deep audience',
        'token_audience_wrong',
        mint(HEADER, text.replace(`"${CLAIMS.aud}"`, nested(`"${CLAIMS.aud}"`, 2_500))),
      ],
      [
        'refuses a deep claim without end',
        'token_malformed',
        mint(HEADER, `{"deep":${'['.repeat(2_500)},${text.slice(1)}`),
      ],
    ],
    { lookups: 1, unbroken: mint(HEADER, deepClaim(2_500)) },
  );
});

describe('AccessTokenVerifier refuses, with a TokenRejected and nothing else,', () => {
  it('any text that is no compact JWS of its own', async () => {
    const segment = fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => Buffer.from(bytes).toString('base64url'));
    const json = fc.json().map((text) => Buffer.from(text).toString('base64url'));
    const parts = fc.array(fc.oneof(segment, json, fc.string()), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(parts, async (presented) => {
        await refusalOf(presented.join('.'));
      }),
    );
  });
});
