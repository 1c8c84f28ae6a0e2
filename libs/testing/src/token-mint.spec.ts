import { createHmac, generateKeyPairSync } from 'node:crypto';
import { AccessTokenVerifier, LocalKeySet } from '@sallyport/tokens';
import { FakeClock } from './fake-clock';
import { TokenMint, type TokenOverrides } from './token-mint';

describe('TokenMint', () => {
  const clock = new FakeClock();
  const mint = new TokenMint({ clock: clock.now });
  const verifier = new AccessTokenVerifier({
    issuer: mint.issuer,
    audience: mint.audience,
    keys: new LocalKeySet(mint.jwks),
    clock: clock.now,
    clockToleranceSeconds: 0,
  });
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

  it.each<[string, string, TokenOverrides]>([
    ['another header member', 'token_algorithm_refused', { header: { alg: 'none' } }],
    ['a member left out', 'token_type_wrong', { header: { typ: undefined } }],
    ['another claim', 'token_audience_wrong', { payload: { aud: 'other' } }],
    ['a claim left out', 'token_claims_invalid', { payload: { sub: undefined } }],
    ['another key', 'token_signature_invalid', { privateKey: foreign }],
    [
      'another signature',
      'token_signature_invalid',
      { signature: (input) => createHmac('sha256', 'key').update(input).digest() },
    ],
  ])('breaks a token by %s', async (_name, code, overrides) => {
    await expect(verifier.verify(mint.accessToken(overrides))).rejects.toMatchObject({ code });
  });

  it('signs any text', async () => {
    await expect(verifier.verify(mint.raw('[]', ''))).rejects.toMatchObject({
      code: 'token_malformed',
    });
  });

  it('mints valid tokens', async () => {
    const claims = await verifier.verify(mint.accessToken());
    expect(claims).toMatchObject({
      iss: mint.issuer,
      iat: clock.epochSeconds,
      acr: mint.claims['acr'],
    });
    expect(claims.scopes.has('orders:write')).toBe(true);
  });
});
