import fc from 'fast-check';
import type { AccessTokenClaims } from './access-token-claims';
import {
  AUDIENCE,
  CLAIMS,
  HEADER,
  ISSUER,
  mint,
  NOW,
  verifierOf,
  withClaims,
} from './issuer.fixture';
import type { KeySet } from './key-set';
import {
  itRefuses,
  otherKinds,
  refusalOf,
  refusedAs,
  refusedValues,
  type Refusal,
} from './refusals.fixture';
import { TokenRejected, type TokenRejectionCode } from './token-rejected';

const ifOptional = (claim: string) =>
  ['sid', 'acr', 'nbf', 'auth_time'].includes(claim) ? ['absent'] : [];

/** Rows of one code for a claim written in each of these ways, for numbers that JSON.stringify would not write so. */
function refusedTexts(
  claim: string,
  code: TokenRejectionCode,
  texts: readonly string[],
): Refusal[] {
  const marked = JSON.stringify({ ...CLAIMS, [claim]: '#' });
  return texts.map((text) => [`${claim} ${text}`, code, mint(HEADER, marked.replace('"#"', text))]);
}

describe('AccessTokenVerifier refuses, by its issuer,', () => {
  const alike = [
    ...[`${ISSUER}/`, `${ISSUER}//`, `${ISSUER}/realm`, `${ISSUER}?`, `${ISSUER}#`, `${ISSUER}.`],
    ...['https://localhost', 'https://localhost:844', `${ISSUER}0`, 'localhost:8443'],
    ...['http://localhost:8443', 'HTTPS://localhost:8443', 'https://LOCALHOST:8443'],
    ...['https://user@localhost:8443', 'https://localhost.:8443', 'https://localhost%3A8443'],
    ...[` ${ISSUER}`, `${ISSUER} `, `${ISSUER}\n`, `${ISSUER}\0`, `${ISSUER},${ISSUER}`],
    ...[`\ufeff${ISSUER}`, `${ISSUER}\u200b`, 'https://l\u043ecalhost:8443'],
    ...[`https://evil.example/${ISSUER}`, `${ISSUER}.evil.example`, `//evil.example#${ISSUER}`],
    ...['https://evil.example', 'urn:localhost:8443', '', '*', AUDIENCE],
  ];
  itRefuses(
    [
      ...otherKinds('iss', 'token_issuer_wrong', withClaims),
      ...refusedValues('iss', 'token_issuer_wrong', withClaims, [
        [ISSUER],
        [ISSUER, ISSUER],
        { iss: ISSUER },
      ]),
      ...refusedValues('iss', 'token_issuer_wrong', withClaims, alike),
      ['a payload without claims', 'token_issuer_wrong', mint(HEADER, {})],
      ['claims in a claim', 'token_issuer_wrong', mint(HEADER, { claims: CLAIMS })],
    ],
    { lookups: 1 },
  );
});

describe('AccessTokenVerifier refuses, by its audience,', () => {
  const alike = [
    ...[`${AUDIENCE}/`, `${AUDIENCE}/orders`, `${AUDIENCE}?`, `${AUDIENCE}#`, `${AUDIENCE}:443`],
    ...[`${AUDIENCE}.`, `${AUDIENCE}.evil.example`, `x${AUDIENCE}`, AUDIENCE.slice(0, -1)],
    ...['api.sallyport.internal', 'http://api.sallyport.internal', 'https://*.sallyport.internal'],
    ...[
      AUDIENCE.toUpperCase(),
      'https://API.sallyport.internal',
      'https://a\u0440i.sallyport.internal',
    ],
    ...[` ${AUDIENCE}`, `${AUDIENCE} `, `${AUDIENCE}\n`, `${AUDIENCE}\0`, `\ufeff${AUDIENCE}`],
    ...[`${AUDIENCE} https://other.example`, `${AUDIENCE},https://other.example`],
    ...['https://other.example', CLAIMS.client_id, ISSUER, '', '*'],
  ];
  itRefuses(
    [
      ...otherKinds('aud', 'token_audience_wrong', withClaims),
      ...refusedValues('aud', 'token_audience_wrong', withClaims, alike),
      ...refusedValues(
        'aud',
        'token_audience_wrong',
        withClaims,
        alike.map((audience) => [audience]),
      ),
      ...refusedValues('aud', 'token_audience_wrong', withClaims, [
        ['a', 'b'],
        [[AUDIENCE]],
        [AUDIENCE, [AUDIENCE]],
        [AUDIENCE, 1],
        [AUDIENCE, null],
        [AUDIENCE, {}],
        { aud: AUDIENCE },
        { 0: AUDIENCE, length: 1 },
      ]),
    ],
    { lookups: 1, unbroken: withClaims({ aud: ['https://other.example', AUDIENCE, ''] }) },
  );
});

describe('AccessTokenVerifier refuses, by who it names,', () => {
  const noIdentifiers = [
    ...['', ' ', 'a b', ' a', 'a ', 'a\n', 'a\r\nx-user-scopes: *', 'a\tb', 'a\0', 'a\u0085'],
    ...['a,b', 'a;b', 'a"b', "a'b", 'a\\b', 'a<b', 'a>b', 'a%62', 'a&b', 'a$b', 'a*', 'a{b}'],
    ...['\u0430dmin', 'a\u0301', '\uff41', 'a\u200b', '\ufeffa', '\u202ea', '\ud800', '\u{1f600}'],
    'a'.repeat(256),
  ];
  const claims = ['sub', 'client_id', 'jti', 'sid', 'acr'];
  itRefuses(
    claims.flatMap((claim) => [
      ...otherKinds(claim, 'token_claims_invalid', withClaims, ['a text', ...ifOptional(claim)]),
      ...refusedValues(claim, 'token_claims_invalid', withClaims, noIdentifiers),
      ...refusedValues(claim, 'token_claims_invalid', withClaims, [['user-1'], { id: 'user-1' }]),
    ]),
    { lookups: 1, unbroken: withClaims({ jti: 'a'.repeat(255), sid: 'A-z.0_9~:@/+=|' }) },
  );

  it.each(['__proto__', 'constructor', 'prototype'])('a sub that only %s has', async (member) => {
    const beside = (claims: object) =>
      mint(HEADER, `{"${member}":{"sub":"admin"},${JSON.stringify(claims).slice(1)}`);
    const { code } = await refusalOf(beside({ ...CLAIMS, sub: undefined }));
    expect(code).toBe('token_claims_invalid');
    await expect(verifierOf().verify(beside(CLAIMS))).resolves.toMatchObject({ sub: 'user-1' });
  });
});

describe('AccessTokenVerifier refuses, by what it grants,', () => {
  itRefuses(
    [
      ...otherKinds('scope', 'token_claims_invalid', withClaims, ['absent', 'a text']),
      ...refusedValues('scope', 'token_claims_invalid', withClaims, [
        ...[['orders:read'], { scope: 'orders:read' }],
        ...[' ', 'a  b', ' a', 'a ', 'a\tb', 'a\nb', 'a\r\nb', 'a,b', 'a"b', 'a\\b', 'a\0'],
        ...['a\u00a0b', '\u043erders:read', 'a\u200b', '\ufeffa', 'a'.repeat(2049)],
      ]),
      ...otherKinds('amr', 'token_claims_invalid', withClaims, ['absent', 'a list']),
      ...refusedValues('amr', 'token_claims_invalid', withClaims, [
        ...['pwd', [1], [null], [''], ['pwd otp'], ['pwd', 1], [['pwd']], { 0: 'pwd', length: 1 }],
      ]),
    ],
    { lookups: 1, unbroken: withClaims({ scope: 'a'.repeat(2048), amr: [] }) },
  );
});

describe('AccessTokenVerifier refuses, of numbers,', () => {
  const times = ['iat', 'exp', 'nbf', 'auth_time'];
  itRefuses(
    times.flatMap((claim) => [
      ...otherKinds(claim, 'token_claims_invalid', withClaims, ['a number', ...ifOptional(claim)]),
      ...refusedValues(claim, 'token_claims_invalid', withClaims, [
        ...[String(NOW), `${NOW}.0`, '', ' ', 'now', 'NaN', 'Infinity', '1e400', '0x70dbd880'],
        ...[new Date(NOW * 1000), [NOW], { $numberLong: String(NOW) }],
      ]),
      ...refusedTexts(claim, 'token_claims_invalid', [
        ...['1e400', '-1e400', '1e308', '1e16', '9007199254740992', '9007199254740993'],
        ...['18446744073709551616', '-9223372036854775808', '-1', `-${NOW}`, `${NOW}.5`],
        ...[`${NOW}.000001`, '0.1', '1e-7', '5e-324'],
      ]),
      ...refusedTexts(claim, 'token_malformed', [
        ...['NaN', 'Infinity', '-Infinity', 'undefined', '0x70dbd880', `0${NOW}`, `+${NOW}`, ''],
        ...[`${NOW}.`, '.5', '1_893_456_000', `${NOW}n`, `${NOW}e`, '- 1', `${NOW} 1`, '\uff11'],
      ]),
    ]),
    { lookups: 1 },
  );

  it.each(['18934569e2', '1.8934569e9', '1893456900.0', '1893456900000e-3', '1.8934569E+9'])(
    'but not a whole number written as %s',
    async (text) => {
      const token = mint(HEADER, JSON.stringify(CLAIMS).replace(`${CLAIMS.exp}`, text));
      await expect(verifierOf().verify(token)).resolves.toMatchObject({ exp: CLAIMS.exp });
    },
  );
});

describe('AccessTokenVerifier refuses, by its times,', () => {
  const farthest = Number.MAX_SAFE_INTEGER;
  itRefuses(
    [
      ...refusedAs('token_expired', [
        ['expired beyond the tolerance', withClaims({ iat: NOW - 905, exp: NOW - 5 })],
        ['expired long ago', withClaims({ iat: NOW - 86_400, exp: NOW - 86_000 })],
      ]),
      // The last one becomes 0.
      ...refusedTexts('exp', 'token_expired', ['0', '-0', '1e-400']),
      ...refusedAs('token_not_yet_valid', [
        ['issued in the future', withClaims({ iat: NOW + 6 })],
        ['issued in milliseconds', withClaims({ iat: NOW * 1000 })],
        ['issued at the end of time', withClaims({ iat: farthest })],
        ['not valid before the future', withClaims({ nbf: NOW + 6 })],
        ['not valid before the end of time', withClaims({ nbf: farthest })],
        ['authenticated in the future', withClaims({ auth_time: NOW + 6 })],
        ['authenticated in milliseconds', withClaims({ auth_time: NOW * 1000 })],
        ['authenticated at the end of time', withClaims({ auth_time: farthest })],
      ]),
      ...refusedAs('token_claims_invalid', [
        ['a second over 15 minutes', withClaims({ exp: NOW + 901 })],
        ['expiry in milliseconds', withClaims({ exp: NOW * 1000 })],
        ['expiry at the end of time', withClaims({ exp: farthest })],
        ['expiry when it is issued', withClaims({ iat: NOW + 4, exp: NOW + 4 })],
        ['expiry before it is issued', withClaims({ iat: NOW + 4, exp: NOW + 3 })],
        ['expiry when it becomes valid', withClaims({ exp: NOW + 3, nbf: NOW + 3 })],
        ['expiry before it becomes valid', withClaims({ exp: NOW + 2, nbf: NOW + 3 })],
        ['iat 0', withClaims({ iat: 0 })],
      ]),
    ],
    { lookups: 1 },
  );

  it.each<[string, object]>([
    ['expired within the tolerance', { iat: NOW - 904, exp: NOW - 4 }],
    ['issued within the tolerance', { iat: NOW + 5, nbf: NOW + 5, auth_time: NOW + 5 }],
    ['valid since ever', { nbf: 0, auth_time: 0 }],
  ])('but not: %s', async (_name, claims) => {
    await expect(verifierOf().verify(withClaims(claims))).resolves.toBeDefined();
  });
});

describe('AccessTokenVerifier, whatever the claims,', () => {
  it('answers with claims or a TokenRejected and nothing else', async () => {
    const claim = fc.constantFrom(...Object.keys(CLAIMS));
    await fc.assert(
      fc.asyncProperty(claim, fc.jsonValue(), async (name, value) => {
        const answer = await verifierOf()
          .verify(withClaims({ [name]: value }))
          .catch((error: unknown) => error);
        const accepted = { iss: ISSUER, sub: expect.stringMatching(/^[!-~]+$/) };
        if (!(answer instanceof TokenRejected)) expect(answer).toMatchObject(accepted);
      }),
      { numRuns: 500 },
    );
  });

  it('says so when the key set is out of reach', async () => {
    const keys: KeySet = {
      version: 0,
      find: () => Promise.reject(new TokenRejected('token_key_unavailable')),
    };
    expect((await refusalOf(mint(), verifierOf(keys))).code).toBe('token_key_unavailable');
  });
});

describe('AccessTokenVerifier accepts', () => {
  it.each<[string, object]>([
    ['our audience in a list', { aud: ['https://other.example', AUDIENCE] }],
    ['further claims', { groups: [{ a: 1 }], then: 1, alg: 'none' }],
    ['no scope', { scope: undefined }],
    ['an empty scope', { scope: '' }],
  ])('%s', async (_name, claims) => {
    await expect(verifierOf().verify(withClaims(claims))).resolves.toMatchObject({ sub: 'user-1' });
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
