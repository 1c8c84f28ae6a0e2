import { TokenMint } from '@sallyport/testing';
import {
  AccessTokenVerifier,
  CachedAccessTokenVerifier,
  LocalKeySet,
  systemClock,
} from '@sallyport/tokens';
import type { Revocation } from './revocation';
import { RevocableKeySet } from './revocable-key-set';
import { RevocationCheckingVerifier } from './revocation-checking-verifier';
import { RevocationReplica } from './revocation-replica';

const END = 4_000_000_000;

async function setUp() {
  const mint = new TokenMint({ issuer: 'https://gateway.example' });
  const replica = new RevocationReplica();
  const follower = { isCurrent: true };
  const keys = new RevocableKeySet(new LocalKeySet(mint.jwks), replica);
  const { issuer, audience } = mint;
  const verifier = new AccessTokenVerifier({
    issuer,
    audience,
    keys,
    clock: systemClock,
    clockToleranceSeconds: 0,
  });
  const cached = new CachedAccessTokenVerifier({
    verifier,
    keys,
    clock: systemClock,
    maxEntries: 10,
  });
  const checking = new RevocationCheckingVerifier({ verifier: cached, replica, follower });
  const token = mint.accessToken();
  const claims = await checking.verify(token);
  return { mint, replica, follower, checking, token, claims };
}

describe('RevocationCheckingVerifier', () => {
  it.each<
    [
      string,
      (claims: {
        jti: string;
        sid: string;
        sub: string;
        client_id: string;
        iat: number;
      }) => Revocation,
    ]
  >([
    ['token_revoked', ({ jti }) => ({ kind: 'token', id: jti, expiresAt: END })],
    ['session_revoked', ({ sid }) => ({ kind: 'session', id: sid, expiresAt: END })],
    [
      'subject_revoked',
      ({ sub, iat }) => ({ kind: 'subject', id: sub, expiresAt: END, issuedBefore: iat + 1 }),
    ],
    [
      'client_revoked',
      ({ client_id, iat }) => ({
        kind: 'client',
        id: client_id,
        expiresAt: END,
        issuedBefore: iat + 1,
      }),
    ],
  ])('refuses with %s what it has verified before', async (code, revocationOf) => {
    const { checking, token, claims, replica } = await setUp();
    await expect(checking.verify(token)).resolves.toBe(claims);
    replica.apply(revocationOf({ ...claims, sid: claims.sid ?? '' }));
    await expect(checking.verify(token)).rejects.toMatchObject({ code });
  });

  it('refuses what a revoked key signed, verified before or not, and takes what another signs', async () => {
    const { checking, mint, token, replica } = await setUp();
    const unseen = mint.accessToken();
    const { kid } = mint;
    replica.apply({ kind: 'signing_key', id: 'another', expiresAt: END });
    await expect(checking.verify(token)).resolves.toBeDefined();

    replica.apply({ kind: 'signing_key', id: kid, expiresAt: END });
    for (const each of [token, unseen]) {
      await expect(checking.verify(each)).rejects.toMatchObject({ code: 'token_key_unknown' });
    }
  });

  it('accepts nothing while it cannot know, and forged tokens are refused as ever', async () => {
    const { checking, token, claims, follower } = await setUp();
    follower.isCurrent = false;
    await expect(checking.verify(token)).rejects.toMatchObject({ code: 'revocation_unknown' });
    await expect(checking.verify(`${token}x`)).rejects.toMatchObject({ code: 'token_malformed' });
    follower.isCurrent = true;
    await expect(checking.verify(token)).resolves.toBe(claims);
  });
});
