import { constants, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import type { AccessTokenClaims } from './access-token-claims';
import type { KeySet } from './key-set';
import {
  AUDIENCE,
  CLAIMS,
  foreignKeys,
  HEADER,
  ISSUER,
  issuerKeys,
  KID,
  mint,
  NOW,
  publishedKey,
  segmentsOf,
  signRs256,
  verifierOf,
} from './issuer.fixture';
import { TokenRejected, type TokenRejectionCode } from './token-rejected';

const ecKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicPem = issuerKeys.publicKey.export({ type: 'spki', format: 'pem' });
const [header, payload, signature] = segmentsOf(mint());
const decoded = JSON.stringify(HEADER);
const altered = (segment: string) => (segment.startsWith('A') ? 'B' : 'A') + segment.slice(1);
const withClaims = (claims: object) => mint(HEADER, { ...CLAIMS, ...claims });
const withHeader = (members: object) => mint({ ...HEADER, ...members });
const hmac = (key: string) => (input: string) => createHmac('sha256', key).update(input).digest();
const pss = (input: string) =>
  sign('sha256', Buffer.from(input), {
    key: issuerKeys.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  });
const es256 = (input: string) =>
  sign('sha256', Buffer.from(input), { key: ecKeys.privateKey, dsaEncoding: 'ieee-p1363' });
const jwk = publishedKey(foreignKeys.publicKey, KID);
const byForeignKey = (input: string) => signRs256(input, foreignKeys.privateKey);

async function refusal(token: string): Promise<TokenRejected> {
  try {
    await verifierOf().verify(token);
  } catch (error) {
    if (error instanceof TokenRejected) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const REFUSED: readonly [name: string, code: TokenRejectionCode, token: string][] = [
  // Form.
  ['an empty text', 'token_malformed', ''],
  ['two segments', 'token_malformed', `${header}.${payload}`],
  ['an extra segment', 'token_malformed', `${header}.${payload}.${signature}.${signature}`],
  ['an empty extra segment', 'token_malformed', `${header}.${payload}.${signature}.`],
  ['five segments, as encrypted ones have', 'token_malformed', 'eyJh.a.a.a.a'],
  ['an empty header', 'token_malformed', `.${payload}.${signature}`],
  ['an empty payload', 'token_malformed', `${header}..${signature}`],
  ['an empty signature', 'token_malformed', `${header}.${payload}.`],
  ['a padded signature', 'token_malformed', `${header}.${payload}.${signature}==`],
  [
    'base64 instead of base64url',
    'token_malformed',
    `${header}.${payload}.+/${signature.slice(2)}`,
  ],
  [
    'spare bits set in the signature',
    'token_malformed',
    `${header}.${payload}.${signature.slice(0, -1)}_`,
  ],
  [
    'a length no base64url has',
    'token_malformed',
    `${header}.${payload}.${signature.slice(0, 341)}`,
  ],
  ['white space before', 'token_malformed', ` ${mint()}`],
  ['a line end after', 'token_malformed', `${mint()}\n`],
  ['a scheme before', 'token_malformed', `Bearer ${mint()}`],
  ['a length beyond the bound', 'token_malformed', withClaims({ extra: 'x'.repeat(8192) })],
  [
    'the flattened JSON serialisation',
    'token_malformed',
    JSON.stringify({ protected: header, payload, signature }),
  ],
  [
    'the general JSON serialisation',
    'token_malformed',
    JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
  ],
  ['a header that is no JSON', 'token_malformed', mint('RS256')],
  ['a header that is an array', 'token_malformed', mint('["RS256"]')],
  ['a header that is null', 'token_malformed', mint('null')],
  ['a header with a byte order mark', 'token_malformed', mint(`\ufeff${decoded}`)],
  [
    'a header that is no UTF-8',
    'token_malformed',
    `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${payload}.${signature}`,
  ],
  ['a repeated alg', 'token_malformed', mint(`{"alg":"none",${decoded.slice(1)}`)],
  [
    'a repeated alg, one escaped',
    'token_malformed',
    mint(`{"\\u0061lg":"none",${decoded.slice(1)}`),
  ],
  [
    'a repeated claim',
    'token_malformed',
    mint(HEADER, `{"sub":"admin",${JSON.stringify(CLAIMS).slice(1)}`),
  ],
  ['a payload that is no JSON', 'token_malformed', mint(HEADER, 'sub=admin')],
  ['a payload that is an array', 'token_malformed', mint(HEADER, [CLAIMS])],
  // Header members.
  ['cty', 'token_malformed', withHeader({ cty: 'JWT' })],
  ['zip', 'token_malformed', withHeader({ zip: 'DEF' })],
  ['enc', 'token_malformed', withHeader({ enc: 'A128GCM' })],
  ['an unknown header member', 'token_malformed', withHeader({ admin: true })],
  ['__proto__ in the header', 'token_malformed', mint(`{"__proto__":{},${decoded.slice(1)}`)],
  ['crit', 'token_key_reference_refused', withHeader({ crit: ['b64'], b64: false })],
  ['an empty crit', 'token_key_reference_refused', withHeader({ crit: [] })],
  [
    'an embedded jwk that signed it',
    'token_key_reference_refused',
    mint({ ...HEADER, jwk }, CLAIMS, byForeignKey),
  ],
  [
    'jku',
    'token_key_reference_refused',
    mint({ ...HEADER, jku: 'https://evil.example/jwks' }, CLAIMS, byForeignKey),
  ],
  ['x5u', 'token_key_reference_refused', withHeader({ x5u: 'https://evil.example/chain' })],
  ['x5c', 'token_key_reference_refused', withHeader({ x5c: ['MIIB'] })],
  ['x5t', 'token_key_reference_refused', withHeader({ x5t: 'AA' })],
  ['x5t#S256', 'token_key_reference_refused', withHeader({ 'x5t#S256': 'AA' })],
  ['a null jwk', 'token_key_reference_refused', withHeader({ jwk: null })],
  // Algorithm.
  ['alg none, unsigned', 'token_malformed', mint({ ...HEADER, alg: 'none' }, CLAIMS, () => '')],
  ['alg none', 'token_algorithm_refused', withHeader({ alg: 'none' })],
  ['alg None', 'token_algorithm_refused', withHeader({ alg: 'None' })],
  ['alg nOnE', 'token_algorithm_refused', withHeader({ alg: 'nOnE' })],
  ['alg rs256', 'token_algorithm_refused', withHeader({ alg: 'rs256' })],
  ['no alg', 'token_algorithm_refused', withHeader({ alg: undefined })],
  ['alg as a list', 'token_algorithm_refused', withHeader({ alg: ['RS256'] })],
  [
    'HS256 keyed with the public PEM',
    'token_algorithm_refused',
    mint({ ...HEADER, alg: 'HS256' }, CLAIMS, hmac(publicPem.toString())),
  ],
  [
    'HS256 keyed with the empty string',
    'token_algorithm_refused',
    mint({ ...HEADER, alg: 'HS256' }, CLAIMS, hmac('')),
  ],
  [
    'RS256 in name, HMAC by the public PEM',
    'token_signature_invalid',
    mint(HEADER, CLAIMS, hmac(publicPem.toString())),
  ],
  [
    'RS384',
    'token_algorithm_refused',
    mint({ ...HEADER, alg: 'RS384' }, CLAIMS, (input) =>
      sign('sha384', Buffer.from(input), issuerKeys.privateKey),
    ),
  ],
  [
    'RS512',
    'token_algorithm_refused',
    mint({ ...HEADER, alg: 'RS512' }, CLAIMS, (input) =>
      sign('sha512', Buffer.from(input), issuerKeys.privateKey),
    ),
  ],
  [
    'RS256 in name, SHA-512 in truth',
    'token_signature_invalid',
    mint(HEADER, CLAIMS, (input) => sign('sha512', Buffer.from(input), issuerKeys.privateKey)),
  ],
  ['PS256', 'token_algorithm_refused', mint({ ...HEADER, alg: 'PS256' }, CLAIMS, pss)],
  ['RS256 in name, PSS in truth', 'token_signature_invalid', mint(HEADER, CLAIMS, pss)],
  ['ES256', 'token_algorithm_refused', mint({ ...HEADER, alg: 'ES256' }, CLAIMS, es256)],
  ['RS256 in name, ECDSA in truth', 'token_signature_invalid', mint(HEADER, CLAIMS, es256)],
  ['EdDSA', 'token_algorithm_refused', withHeader({ alg: 'EdDSA' })],
  // Type.
  ['an ID token', 'token_type_wrong', withHeader({ typ: 'JWT' })],
  ['no typ', 'token_type_wrong', withHeader({ typ: undefined })],
  ['a transaction token', 'token_type_wrong', withHeader({ typ: 'txntoken+jwt' })],
  ['a DPoP proof', 'token_type_wrong', withHeader({ typ: 'dpop+jwt' })],
  ['a logout token', 'token_type_wrong', withHeader({ typ: 'logout+jwt' })],
  ['typ with a suffix', 'token_type_wrong', withHeader({ typ: 'at+jwt;v=1' })],
  ['typ with a line end', 'token_type_wrong', withHeader({ typ: 'at+jwt\n' })],
  ['typ of another media type', 'token_type_wrong', withHeader({ typ: 'text/at+jwt' })],
  ['typ as a list', 'token_type_wrong', withHeader({ typ: ['at+jwt'] })],
  // Key.
  ['no kid', 'token_malformed', withHeader({ kid: undefined })],
  ['an empty kid', 'token_malformed', withHeader({ kid: '' })],
  ['a kid that is a path', 'token_malformed', withHeader({ kid: '../../dev/null' })],
  ['a kid that is SQL', 'token_malformed', withHeader({ kid: "x' OR '1'='1" })],
  ['a kid of 129 characters', 'token_malformed', withHeader({ kid: 'k'.repeat(129) })],
  ['a kid that is a number', 'token_malformed', withHeader({ kid: 1 })],
  ['a kid nobody has', 'token_key_unknown', withHeader({ kid: 'other' })],
  ['the kid of another key', 'token_signature_invalid', withHeader({ kid: 'second' })],
  ['a kid from the prototype', 'token_key_unknown', withHeader({ kid: 'constructor' })],
  // Signature.
  ['an altered header', 'token_malformed', `${altered(header)}.${payload}.${signature}`],
  [
    'a header written otherwise',
    'token_signature_invalid',
    `${segmentsOf(mint({ kid: KID, typ: 'at+jwt', alg: 'RS256' }))[0]}.${payload}.${signature}`,
  ],
  ['an altered payload', 'token_signature_invalid', `${header}.${altered(payload)}.${signature}`],
  [
    'a widened scope',
    'token_signature_invalid',
    `${header}.${segmentsOf(withClaims({ scope: 'keys:manage' }))[1]}.${signature}`,
  ],
  ['an altered signature', 'token_signature_invalid', `${header}.${payload}.${altered(signature)}`],
  [
    'a shortened signature',
    'token_signature_invalid',
    `${header}.${payload}.${signature.slice(0, 340)}`,
  ],
  ['a signature of one byte', 'token_signature_invalid', `${header}.${payload}.AA`],
  [
    'a signature of zeroes',
    'token_signature_invalid',
    mint(HEADER, CLAIMS, () => Buffer.alloc(256)),
  ],
  [
    'the signature of another token',
    'token_signature_invalid',
    `${header}.${payload}.${segmentsOf(withClaims({ jti: 'other' }))[2]}`,
  ],
  ['a foreign key under the kid', 'token_signature_invalid', mint(HEADER, CLAIMS, byForeignKey)],
  // Claims.
  ['a foreign issuer', 'token_issuer_wrong', withClaims({ iss: 'https://evil.example' })],
  ['no issuer', 'token_issuer_wrong', withClaims({ iss: undefined })],
  ['the issuer with a slash', 'token_issuer_wrong', withClaims({ iss: `${ISSUER}/` })],
  ['the issuer in a list', 'token_issuer_wrong', withClaims({ iss: [ISSUER] })],
  ['another audience', 'token_audience_wrong', withClaims({ aud: 'https://other.example' })],
  ['no audience', 'token_audience_wrong', withClaims({ aud: undefined })],
  ['an audience list without ours', 'token_audience_wrong', withClaims({ aud: ['a', 'b'] })],
  ['an empty audience list', 'token_audience_wrong', withClaims({ aud: [] })],
  ['an audience nested in lists', 'token_audience_wrong', withClaims({ aud: [[AUDIENCE]] })],
  ['an audience list with a number', 'token_audience_wrong', withClaims({ aud: [AUDIENCE, 1] })],
  [
    'an audience that contains ours',
    'token_audience_wrong',
    withClaims({ aud: `${AUDIENCE}.evil.example` }),
  ],
  ['the client as audience', 'token_audience_wrong', withClaims({ aud: CLAIMS.client_id })],
  ['an expiry beyond the tolerance', 'token_expired', withClaims({ iat: NOW - 905, exp: NOW - 5 })],
  ['issued in the future', 'token_not_yet_valid', withClaims({ iat: NOW + 6, exp: NOW + 60 })],
  ['not yet valid', 'token_not_yet_valid', withClaims({ nbf: NOW + 6 })],
  ['a lifetime over 15 minutes', 'token_claims_invalid', withClaims({ exp: NOW + 901 })],
  [
    'an expiry before its issue',
    'token_claims_invalid',
    withClaims({ iat: NOW + 4, exp: NOW + 3 }),
  ],
  ['no exp', 'token_claims_invalid', withClaims({ exp: undefined })],
  ['exp as text', 'token_claims_invalid', withClaims({ exp: String(NOW + 60) })],
  ['exp with a fraction', 'token_claims_invalid', withClaims({ exp: NOW + 0.5 })],
  [
    'an infinite exp',
    'token_claims_invalid',
    mint(HEADER, JSON.stringify(CLAIMS).replace(/"exp":\d+/, '"exp":1e999')),
  ],
  ['no iat', 'token_claims_invalid', withClaims({ iat: undefined })],
  ['a negative iat', 'token_claims_invalid', withClaims({ iat: -1 })],
  ['nbf as text', 'token_claims_invalid', withClaims({ nbf: 'now' })],
  ['no sub', 'token_claims_invalid', withClaims({ sub: undefined })],
  ['an empty sub', 'token_claims_invalid', withClaims({ sub: '' })],
  ['a sub with a line end', 'token_claims_invalid', withClaims({ sub: 'a\r\nx-user-scopes: *' })],
  ['a sub with a comma', 'token_claims_invalid', withClaims({ sub: 'a,b' })],
  ['a sub of 256 characters', 'token_claims_invalid', withClaims({ sub: 'a'.repeat(256) })],
  ['a sub that is an object', 'token_claims_invalid', withClaims({ sub: {} })],
  ['no client_id', 'token_claims_invalid', withClaims({ client_id: undefined })],
  ['no jti', 'token_claims_invalid', withClaims({ jti: undefined })],
  ['scope as a list', 'token_claims_invalid', withClaims({ scope: ['orders:read'] })],
  ['scope with two spaces', 'token_claims_invalid', withClaims({ scope: 'a  b' })],
  ['scope with a comma', 'token_claims_invalid', withClaims({ scope: 'a,b' })],
  ['sid that is a number', 'token_claims_invalid', withClaims({ sid: 7 })],
  ['acr that is null', 'token_claims_invalid', withClaims({ acr: null })],
  ['amr that is text', 'token_claims_invalid', withClaims({ amr: 'pwd' })],
  ['amr with a number', 'token_claims_invalid', withClaims({ amr: [1] })],
  ['auth_time as text', 'token_claims_invalid', withClaims({ auth_time: 'today' })],
];

describe('AccessTokenVerifier refuses', () => {
  it.each(REFUSED)('%s: %s', async (_name, code, token) => {
    const error = await refusal(token);
    expect(error.code).toBe(code);
    expect(error.message).toBe(code);
  });

  it('what is no text at all', async () => {
    expect((await refusal(undefined as unknown as string)).code).toBe('token_malformed');
  });

  it('any token with one character changed, removed or added', async () => {
    const token = mint();
    const characters = fc.constantFrom(...Array.from('ABCDEFwxyz0189-_.=+/ \n"{\u0100'));
    const position = fc.nat(token.length - 1);
    const edit = fc.constantFrom('change', 'remove', 'add');
    await fc.assert(
      fc.asyncProperty(position, characters, edit, async (at, character, kind) => {
        const rest = token.slice(kind === 'add' ? at : at + 1);
        const mutated = token.slice(0, at) + (kind === 'remove' ? '' : character) + rest;
        fc.pre(mutated !== token);
        await refusal(mutated);
      }),
      { numRuns: 400 },
    );
  });

  it('every other spelling of the last character of each segment', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const ends = [header.length - 1, header.length + payload.length, mint().length - 1];
    for (const end of ends) {
      for (const character of alphabet) {
        const mutated = mint().slice(0, end) + character + mint().slice(end + 1);
        if (mutated !== mint()) await refusal(mutated);
      }
    }
  });

  it('arbitrary text with a TokenRejected and nothing else', async () => {
    const segment = fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => Buffer.from(bytes).toString('base64url'));
    const json = fc.json().map((text) => Buffer.from(text).toString('base64url'));
    const text = fc
      .array(fc.oneof(segment, json, fc.string()), { maxLength: 5 })
      .map((parts) => parts.join('.'));
    await fc.assert(
      fc.asyncProperty(text, async (presented) => {
        await refusal(presented);
      }),
    );
  });

  it('looks for no key while the header is not acceptable', async () => {
    const find = jest.fn<ReturnType<KeySet['find']>, [string]>();
    const verifier = verifierOf({ version: 0, find });
    const early = REFUSED.filter(([, code]) =>
      ['token_algorithm_refused', 'token_type_wrong', 'token_key_reference_refused'].includes(code),
    );
    for (const [, , token] of early) await expect(verifier.verify(token)).rejects.toThrow();
    expect(find).not.toHaveBeenCalled();
  });

  it('with 503 in mind when the key set is out of reach', async () => {
    const keys: KeySet = {
      version: 0,
      find: () => Promise.reject(new TokenRejected('token_key_unavailable')),
    };
    await expect(verifierOf(keys).verify(mint())).rejects.toMatchObject({
      code: 'token_key_unavailable',
    });
  });
});

describe('AccessTokenVerifier accepts', () => {
  it.each<[string, string]>([
    ['typ in the long form', withHeader({ typ: 'application/at+jwt' })],
    ['typ in other letter case', withHeader({ typ: 'AT+JWT' })],
    ['our audience in a list', withClaims({ aud: ['https://other.example', AUDIENCE] })],
    ['an expiry within the tolerance', withClaims({ iat: NOW - 904, exp: NOW - 4 })],
    ['an issue within the tolerance', withClaims({ iat: NOW + 5, nbf: NOW + 5 })],
    [
      'a payload with further claims',
      withClaims({ cnf: { 'x5t#S256': 'AA' }, groups: [{ a: 1 }] }),
    ],
    ['a token without scope', withClaims({ scope: undefined })],
  ])('%s', async (_name, token) => {
    await expect(verifierOf().verify(token)).resolves.toMatchObject({ sub: 'user-1' });
  });

  it('a valid token and gives its claims', async () => {
    const claims = await verifierOf().verify(mint());
    expect(claims).toEqual<AccessTokenClaims>({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'user-1',
      client_id: 'web',
      iat: NOW,
      exp: NOW + 900,
      jti: 'token-1',
      scopes: new Set(['orders:read', 'orders:write']),
      sid: 'session-1',
      acr: 'urn:sallyport:acr:password',
      amr: ['pwd'],
      auth_time: NOW - 10,
    });
    expect(Object.isFrozen(claims)).toBe(true);
  });
});
