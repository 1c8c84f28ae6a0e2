import { randomBytes } from 'node:crypto';
import { CachedAccessTokenVerifier } from './cached-access-token-verifier';
import { certificateThumbprint } from './confirmation';
import { clockAtNow, mint, publishedKeys, verifierOf, withClaims } from './issuer.fixture';
import { itRefuses, otherKinds, refusedAs, refusedValues } from './refusals.fixture';

const THUMBPRINT = certificateThumbprint(Buffer.from('a certificate'));
const CONFIRMATION = { 'x5t#S256': THUMBPRINT };

/** A valid token of a partner with other claims. */
const ofPartner = (claims: object): string =>
  withClaims({
    ...{ sub: 'user-1', client_id: 'user-1', sid: undefined, principal_type: 'partner' },
    cnf: CONFIRMATION,
    ...claims,
  });

describe('AccessTokenVerifier refuses, by what it is bound to,', () => {
  const noThumbprints = [
    ...['', 'AA', `${THUMBPRINT}=`, ` ${THUMBPRINT}`, THUMBPRINT.slice(1), `${THUMBPRINT}A`],
    // 32 bytes in a second spelling, in another alphabet, in hex.
    ...[`${THUMBPRINT.slice(0, -1)}B`, `${'A'.repeat(41)}+A`, randomBytes(32).toString('hex')],
    ...[null, 7, true, [THUMBPRINT], { value: THUMBPRINT }],
  ];
  itRefuses(
    [
      ...otherKinds('cnf', 'token_claims_invalid', withClaims, ['absent']),
      ...refusedValues('cnf', 'token_claims_invalid', withClaims, [
        ...noThumbprints.map((value) => ({ 'x5t#S256': value })),
        ...[THUMBPRINT, [CONFIRMATION], { cnf: CONFIRMATION }],
        ...noThumbprints.map((value) => ({ jkt: value })),
        ...[{ ...CONFIRMATION, jkt: THUMBPRINT }, { jwk: { kty: 'EC' } }],
        ...[{ JKT: THUMBPRINT }, { jkt: THUMBPRINT, kid: '1' }, { jku: 'https://a.example' }],
        ...[{ 'X5T#S256': THUMBPRINT }, { x5t: THUMBPRINT }, { ...CONFIRMATION, kid: '1' }],
      ]),
      ...refusedAs('token_malformed', [
        ['two confirmations', mint(undefined, twice(withClaims({ cnf: CONFIRMATION })))],
      ]),
    ],
    { lookups: 1, unbroken: withClaims({ cnf: CONFIRMATION }) },
  );
});

describe('AccessTokenVerifier refuses, as a partner,', () => {
  itRefuses(
    [
      ...otherKinds('principal_type', 'token_claims_invalid', ofPartner, ['absent']),
      ...refusedValues('principal_type', 'token_claims_invalid', ofPartner, [
        ...['user', 'client', 'Partner', 'partner ', ['partner']],
      ]),
      ...refusedAs('token_claims_invalid', [
        ['a bearer token', ofPartner({ cnf: undefined })],
        ['what is bound to a key', ofPartner({ cnf: { jkt: THUMBPRINT } })],
        ['what acts through a client', ofPartner({ client_id: 'web' })],
        ['what has a session', ofPartner({ sid: 'session-1' })],
      ]),
    ],
    { lookups: 1, unbroken: ofPartner({}) },
  );
});

describe('AccessTokenVerifier and its cache', () => {
  it('both give what a token is bound to, and nothing for one that is bound to nothing', async () => {
    const keys = publishedKeys();
    const verifier = verifierOf(keys);
    const cached = new CachedAccessTokenVerifier({
      ...{ verifier, keys, clock: clockAtNow, maxEntries: 10 },
    });
    const token = ofPartner({});
    const claims = await verifier.verify(token);
    expect(claims).toMatchObject({
      certificateThumbprint: THUMBPRINT,
      principal_type: 'partner',
    });
    for (const size of [2, 2]) {
      expect(await cached.verify(token)).toEqual(claims);
      const unbound = await cached.verify(mint());
      expect(cached.size).toBe(size);
      expect(Object.keys(unbound)).toEqual(
        expect.not.arrayContaining(['certificateThumbprint', 'principal_type']),
      );
    }
  });
});

it('AccessTokenVerifier gives the key a token is bound to', async () => {
  const claims = await verifierOf().verify(withClaims({ cnf: { jkt: THUMBPRINT } }));
  expect(claims).toMatchObject({ keyThumbprint: THUMBPRINT });
  expect(claims).not.toHaveProperty('certificateThumbprint');
});

/** The claims of a token, `cnf` written twice. */
function twice(token: string): string {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return payload.replace('{', `{"cnf":${JSON.stringify(CONFIRMATION)},`);
}
