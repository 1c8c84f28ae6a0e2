import {
  DpopProofRejected,
  TokenRejected,
  type AccessTokenClaims,
  type VerifiesAccessTokens,
} from '@sallyport/tokens';

/**
 * Takes no token that is bound to a certificate or to a key: for requests that prove possession of neither (RFC 8705
 * section 3, RFC 9449 section 7.2). Stands outside of whatever remembers verified tokens, because a binding is a matter of the
 * request, not of the token.
 */
export class UnboundTokensVerifier implements VerifiesAccessTokens {
  /**
   * For requests that bring a DPoP proof nevertheless: whoever makes one believes that the token is bound, and has been
   * given another one. It is refused after the token was, so that it tells nothing about one that is not good.
   */
  readonly besideProof: VerifiesAccessTokens = {
    verify: async (presentedToken) => {
      await this.verify(presentedToken);
      throw new DpopProofRejected('dpop_proof_unexpected');
    },
  };

  constructor(private readonly verifier: VerifiesAccessTokens) {}

  /** @throws TokenRejected */
  async verify(presentedToken: string): Promise<AccessTokenClaims> {
    const claims = await this.verifier.verify(presentedToken);
    if (claims.certificateThumbprint !== undefined) {
      throw new TokenRejected('token_certificate_mismatch');
    }
    if (claims.keyThumbprint !== undefined) throw new TokenRejected('token_proof_missing');
    return claims;
  }
}
