import {
  TokenRejected,
  type AccessTokenClaims,
  type VerifiesAccessTokens,
} from '@sallyport/tokens';

/**
 * Takes no token that is bound to a certificate: for connections that present none (RFC 8705 section 3). Stands outside
 * of whatever remembers verified tokens, because a binding is a matter of the connection, not of the token.
 */
export class UnboundTokensVerifier implements VerifiesAccessTokens {
  constructor(private readonly verifier: VerifiesAccessTokens) {}

  /** @throws TokenRejected */
  async verify(presentedToken: string): Promise<AccessTokenClaims> {
    const claims = await this.verifier.verify(presentedToken);
    if (claims.certificateThumbprint !== undefined) {
      throw new TokenRejected('token_certificate_mismatch');
    }
    return claims;
  }
}
