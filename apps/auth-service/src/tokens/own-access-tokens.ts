import { AccessTokenVerifier, LocalKeySet } from '@sallyport/tokens';
import type { Clock, KeySet, VerificationKey } from '@sallyport/tokens';
import type { SigningKeysService } from '../signing-keys/signing-keys.service';

/** VerifiesAccessTokens, bound to the keys this service publishes itself. */
export const OWN_ACCESS_TOKENS = Symbol('OwnAccessTokens');

/** Who issues access tokens here, and for whom. */
export interface AccessTokenProfile {
  readonly issuer: string;
  readonly audience: string;
  /** Seconds. */
  readonly lifetimeSeconds: number;
}

/**
 * Verifies this service's own access tokens, for the few requests that are about a token instead of being made with
 * one. Looks the keys up each time: none of these requests is hot.
 */
export function ownAccessTokens(
  profile: AccessTokenProfile,
  keys: Pick<SigningKeysService, 'published'>,
  clock: Clock,
): AccessTokenVerifier {
  return new AccessTokenVerifier({
    ...profile,
    keys: new OwnKeys(keys),
    clock,
    // An epoch lies up to a second ahead.
    clockToleranceSeconds: 5,
  });
}

class OwnKeys implements KeySet {
  readonly version = 0;

  constructor(private readonly keys: Pick<SigningKeysService, 'published'>) {}

  async find(kid: string): Promise<VerificationKey | undefined> {
    return new LocalKeySet({ keys: await this.keys.published() }).find(kid);
  }
}
