import {
  RevocableKeySet,
  RevocationCheckingVerifier,
  type RevocationFollower,
  type RevocationReplica,
} from '@sallyport/revocation';
import {
  AccessTokenVerifier,
  CachedAccessTokenVerifier,
  type Clock,
  type KeySet,
  type VerifiesAccessTokens,
} from '@sallyport/tokens';

export interface AccessTokenVerificationOptions {
  readonly issuer: string;
  readonly audience: string;
  /** What the issuer publishes, revoked keys perhaps included. */
  readonly issuerKeys: KeySet;
  readonly replica: RevocationReplica;
  readonly follower: Pick<RevocationFollower, 'isCurrent'>;
  readonly clock: Clock;
  /** Between the clocks of the issuer and this process. */
  readonly clockToleranceSeconds: number;
  readonly mostCachedTokens: number;
}

/**
 * All that decides whether an access token is accepted: its own validity, which is remembered, then on every request
 * whether it was revoked (R9). The cache lies inside, so that it never answers for a revocation; revoked keys are hidden
 * from the cache and the verifier alike, so that what they signed is forgotten.
 */
export function accessTokenVerification(
  options: AccessTokenVerificationOptions,
): VerifiesAccessTokens {
  const { issuer, audience, issuerKeys, replica, follower, clock } = options;
  const keys = new RevocableKeySet(issuerKeys, replica);
  const verifier = new AccessTokenVerifier({
    issuer,
    audience,
    keys,
    clock,
    clockToleranceSeconds: options.clockToleranceSeconds,
  });
  const cached = new CachedAccessTokenVerifier({
    verifier,
    keys,
    clock,
    maxEntries: options.mostCachedTokens,
  });
  return new RevocationCheckingVerifier({ verifier: cached, replica, follower });
}
