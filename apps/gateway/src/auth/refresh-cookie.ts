export const REFRESH_COOKIE = '__Secure-sallyport-refresh';

/** No `Domain`: this host alone receives it, below this path alone, never with a request another site started. */
const ATTRIBUTES = 'Path=/auth; HttpOnly; Secure; SameSite=Strict';

/** Needs no quoting in a cookie (RFC 6265 section 4.1.1). */
const REFRESH_TOKEN = /^[\w-]{1,256}$/;

/**
 * `Set-Cookie` that keeps a refresh token until its session ends; rotation does not move that end.
 *
 * @throws TypeError when the token could not be sent back unchanged
 */
export function refreshCookie(refreshToken: string, sessionExpiresAt: Date, now: Date): string {
  if (!REFRESH_TOKEN.test(refreshToken)) throw new TypeError('not a refresh token');
  const seconds = Math.floor((sessionExpiresAt.getTime() - now.getTime()) / 1000);
  return `${REFRESH_COOKIE}=${refreshToken}; Max-Age=${Math.max(0, seconds)}; ${ATTRIBUTES}`;
}

/** `Set-Cookie` that removes the refresh token. Sent only when its holder signs out: a lost race is no reason. */
export const CLEARED_REFRESH_COOKIE = `${REFRESH_COOKIE}=; Max-Age=0; ${ATTRIBUTES}`;

/** The refresh token in a `Cookie` header, or undefined when there is none that could be one. */
export function presentedRefreshToken(cookieHeader: string | undefined): string | undefined {
  return refreshCookies(cookieHeader).find((value) => REFRESH_TOKEN.test(value));
}

/** How often a `Cookie` header holds the cookie; more than once when a sibling host has planted another. */
export function countRefreshCookies(cookieHeader: string | undefined): number {
  return refreshCookies(cookieHeader).length;
}

function refreshCookies(cookieHeader = ''): readonly string[] {
  return cookieHeader
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${REFRESH_COOKIE}=`))
    .map((pair) => pair.slice(REFRESH_COOKIE.length + 1));
}
