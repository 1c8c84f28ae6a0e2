import { Injectable } from '@nestjs/common';
import { FIRST_PARTY_CLIENT_ID } from '@sallyport/principal';
import { AccessTokenSigner } from '@sallyport/tokens';
import type { SigningKey } from '@sallyport/tokens';
import type { RefreshToken } from '../sessions/refresh-token';
import type { Issuance } from '../sessions/sessions.repository';
import type { IssuedAccessToken, IssuedTokens } from './issued-tokens';

/** Puts together what a session hands out. */
@Injectable()
export class TokenIssuer {
  constructor(private readonly signer: AccessTokenSigner) {}

  /** Signs an access token for the session, to go with its current refresh token. */
  async issue(
    issuance: Issuance,
    refreshToken: RefreshToken,
    key: SigningKey,
  ): Promise<IssuedTokens> {
    const accessToken = await this.issueAccessToken(issuance, key);
    const sessionExpiresAt = issuance.session.expiresAt;
    return { ...accessToken, refreshToken, sessionExpiresAt, deviceTokens: '' };
  }

  /**
   * Signs an access token for the session: none that is older than the account allows, none that outlives the session.
   * Asks nobody anything.
   */
  async issueAccessToken(
    { session, scopes, tokensValidFrom }: Issuance,
    key: SigningKey,
  ): Promise<IssuedAccessToken> {
    const { acr, amr, at } = session.authentication;
    const { token, expiresIn } = await this.signer.sign(
      {
        subject: session.accountId,
        clientId: FIRST_PARTY_CLIENT_ID,
        scopes,
        sessionId: session.id,
        acr,
        amr,
        authTime: Math.floor(at.getTime() / 1000),
        issuedNotBefore: Math.ceil(tokensValidFrom.getTime() / 1000),
        expiresBy: Math.floor(session.expiresAt.getTime() / 1000),
      },
      key,
    );
    return { accessToken: token, expiresIn, scope: scopes.join(' ') };
  }
}
