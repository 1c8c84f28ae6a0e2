const DEVICE_COOKIE = '__Host-sallyport-device';

/** Ninety days. */
const LIFETIME_SECONDS = 90 * 24 * 60 * 60;

/** The whole host receives it, for the pages of the authorization server set and read it as well. */
const ATTRIBUTES = `Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=${String(LIFETIME_SECONDS)}`;

/** Needs no quoting in a cookie (RFC 6265 section 4.1.1). */
const DEVICE_TOKENS = /^[\w&-]{1,512}$/;

/**
 * `Set-Cookie` by which a device is known again. It is no credential: whoever has it has nothing but a counter of their own.
 *
 * @throws TypeError when the value could not be sent back unchanged
 */
export function deviceCookie(deviceTokens: string): string {
  if (!DEVICE_TOKENS.test(deviceTokens)) throw new TypeError('no device tokens');
  return `${DEVICE_COOKIE}=${deviceTokens}; ${ATTRIBUTES}`;
}

/**
 * What the device cookies of a `Cookie` header hold, for auth-service to look at; empty when they hold nothing. A sibling host
 * may have planted another one, which does not keep the own one from being seen.
 */
export function presentedDeviceTokens(cookieHeader: string | undefined): string {
  const values = (cookieHeader ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${DEVICE_COOKIE}=`))
    .map((pair) => pair.slice(DEVICE_COOKIE.length + 1))
    .filter((value) => DEVICE_TOKENS.test(value));
  const presented = values.join('&');
  return DEVICE_TOKENS.test(presented) ? presented : (values[0] ?? '');
}
