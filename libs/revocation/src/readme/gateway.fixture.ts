import {
  RevocableKeySet,
  RevocationCheckingVerifier,
  RevocationFollower,
  RevocationReplica,
} from '@sallyport/revocation';
import {
  AccessTokenVerifier,
  CachedAccessTokenVerifier,
  systemClock,
  type KeySet,
  type VerifiesAccessTokens,
} from '@sallyport/tokens';

/** Verifies access tokens of one issuer, and refuses what was revoked. Close it with the process. */
export function followRevocations(
  redisUrl: string,
  issuerKeys: KeySet,
  expected: { readonly issuer: string; readonly audience: string },
): { readonly verifier: VerifiesAccessTokens; close(): Promise<void> } {
  const replica = new RevocationReplica();
  const follower = new RevocationFollower({ redisUrl, name: 'api', replica, boundMs: 2_000 });
  follower.start();

  // One key set for both: a revoked key ends what it signed, in the cache too.
  const keys = new RevocableKeySet(issuerKeys, replica);
  const clock = systemClock;
  const verifying = new AccessTokenVerifier({
    ...expected,
    keys,
    clock,
    clockToleranceSeconds: 5,
  });
  const cached = new CachedAccessTokenVerifier({
    verifier: verifying,
    keys,
    clock,
    maxEntries: 10_000,
  });
  const verifier = new RevocationCheckingVerifier({ verifier: cached, replica, follower });
  return { verifier, close: () => follower.close() };
}
