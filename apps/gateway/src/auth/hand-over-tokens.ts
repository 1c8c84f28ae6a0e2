import type { authV1 } from '@sallyport/contracts';
import type { FastifyReply } from 'fastify';
import { lifeOfToken } from '../rate-limits/credential-life';
import type { KnownCredentials } from '../rate-limits/known-credentials';
import { required } from '../upstream/upstream-response';
import type { IssuedTokenView } from './auth.dtos';
import { deviceCookie } from './device-cookie';
import { issuedIdentity } from './issued-identity';
import { refreshCookie } from './refresh-cookie';

/**
 * Hands tokens to the client: the refresh token in a cookie that scripts cannot read and that only the paths below
 * `/auth` receive, the access token in the body, which is what this returns. Both are known here from now on. After a sign-in the device is known by a cookie as well.
 *
 * @throws UpstreamResponseInvalid when there are none
 */
export function handOverTokens(
  tokens: authV1.IssuedTokens | undefined,
  reply: FastifyReply,
  now: Date,
  known: KnownCredentials,
): IssuedTokenView {
  const issued = required(tokens, 'tokens');
  const { accessToken, refreshToken, sessionExpiresAt, deviceTokens } = issued;
  const end = required(sessionExpiresAt, 'tokens.session_expires_at');
  const identity = issuedIdentity(accessToken);
  if (identity !== undefined) {
    // It outlives the access token, and ends with the same session.
    known.remember(refreshToken, identity, { endedBy: lifeOfToken(accessToken).endedBy });
  }
  reply.header('set-cookie', refreshCookie(refreshToken, end, now));
  // Beside the one above: Fastify keeps both.
  if (deviceTokens !== '') reply.header('set-cookie', deviceCookie(deviceTokens));
  return handOverAccessToken(issued, known);
}

/** Hands over an access token of a session that goes on with the refresh token it has. */
export function handOverAccessToken(
  {
    accessToken,
    expiresIn,
    scope,
  }: Pick<authV1.IssuedTokens, 'accessToken' | 'expiresIn' | 'scope'>,
  known: KnownCredentials,
): IssuedTokenView {
  const identity = issuedIdentity(accessToken);
  if (identity !== undefined) known.remember(accessToken, identity, lifeOfToken(accessToken));
  return { access_token: accessToken, token_type: 'Bearer', expires_in: expiresIn, scope };
}
