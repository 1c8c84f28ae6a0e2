import { namedChallenge, newMfaToken, parseMfaToken } from '../../mfa/mfa-token';
import type { MfaToken } from '../../mfa/mfa-token';
import { CHALLENGE_SECONDS } from '../../mfa/second-factor';

const CODE_COOKIE = '__Secure-sallyport-code';
const ATTRIBUTES = 'Path=/oauth2; HttpOnly; Secure; SameSite=Lax';

/** Takes the cookie from a browser whose challenge was met or given up. */
export const NO_CODE_COOKIE = `${CODE_COOKIE}=; ${ATTRIBUTES}; Expires=Thu, 01 Jan 1970 00:00:00 GMT`;

/** A challenge of the account page, and the cookie that binds it to the browser in which the password was given. */
export function newPageChallenge(): { readonly challenge: MfaToken; readonly cookie: string } {
  const name = newMfaToken();
  return {
    challenge: namedChallenge('account', name),
    cookie: `${CODE_COOKIE}=${name}; ${ATTRIBUTES}; Max-Age=${String(CHALLENGE_SECONDS)}`,
  };
}

/** The challenge that a browser's cookie names, whether or not there is one. */
export function pageChallengeOf(cookies: string | undefined): MfaToken | undefined {
  const presented = new RegExp(`(?:^|; )${CODE_COOKIE}=([\\w-]+)`).exec(cookies ?? '')?.[1];
  const name = presented === undefined ? undefined : parseMfaToken(presented);
  return name && namedChallenge('account', name);
}
