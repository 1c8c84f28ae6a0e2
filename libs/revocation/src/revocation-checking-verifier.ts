import {
  TokenRejected,
  type AccessTokenClaims,
  type VerifiesAccessTokens,
} from '@sallyport/tokens';
import type { RevocationFollower } from './revocation-follower';
import type { RevocationReplica } from './revocation-replica';

export interface RevocationCheckingVerifierOptions {
  /** Verifies the token itself; may answer from a cache. */
  readonly verifier: VerifiesAccessTokens;
  readonly replica: Pick<RevocationReplica, 'revocationOf'>;
  /** Says whether the replica is complete. */
  readonly follower: Pick<RevocationFollower, 'isCurrent'>;
}

const CODES = {
  token: 'token_revoked',
  session: 'session_revoked',
  subject: 'subject_revoked',
  client: 'client_revoked',
} as const;

/**
 * Accepts verified tokens that nothing has revoked (R9). Asks the replica alone: no call to anybody, on no request.
 *
 * A replica that may lack a revocation accepts nothing: `revocation_unknown`, to be answered with 503. Revoked signing
 * keys are not its business: those {@link RevocableKeySet} hides from the verifier.
 */
export class RevocationCheckingVerifier implements VerifiesAccessTokens {
  constructor(private readonly options: RevocationCheckingVerifierOptions) {}

  /** @throws TokenRejected */
  async verify(presentedToken: string): Promise<AccessTokenClaims> {
    const { verifier, replica, follower } = this.options;
    const claims = await verifier.verify(presentedToken);
    if (!follower.isCurrent) throw new TokenRejected('revocation_unknown');
    const revokedBy = replica.revocationOf(claims);
    if (revokedBy !== undefined) throw new TokenRejected(CODES[revokedBy]);
    return claims;
  }
}
