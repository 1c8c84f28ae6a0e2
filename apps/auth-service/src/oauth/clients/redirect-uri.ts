/** RFC 7591 section 2. */
export type ApplicationType = 'web' | 'native';

/** The addresses, not `localhost`: what that resolves to is up to the machine (RFC 8252 section 8.3). */
const LOOPBACK_ADDRESSES = new Set(['127.0.0.1', '[::1]']);

/**
 * What is wrong with a redirect URI, or undefined. It is later compared as it is written, so it must be written in one
 * way: absolute, no fragment (RFC 6749 section 3.1.2), no wildcard (RFC 9700 section 2.1), no user name, no `..`.
 *
 * A web client has `https` alone. A native one has what RFC 8252 section 7 offers: `http` on a loopback address, of
 * which the port is ignored; a scheme of its own, named after a domain; a claimed `https`.
 */
export function redirectUriFault(uri: string, type: ApplicationType): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(uri) || !URL.canParse(uri)) return 'is no absolute URI';
  if (uri.includes('#')) return 'has a fragment';
  if (uri.includes('*')) return 'has a wildcard';
  const url = new URL(uri);
  if (url.username !== '' || url.password !== '') return 'names a user';
  if (url.href !== uri && url.href !== `${uri}/`) return `is to be written as ${url.href}`;
  if (url.protocol === 'https:') return undefined;
  return type === 'web' ? 'is not https' : nativeFault(url);
}

function nativeFault({ protocol, hostname }: URL): string | undefined {
  if (protocol === 'http:') {
    return LOOPBACK_ADDRESSES.has(hostname)
      ? undefined
      : 'is http elsewhere than at 127.0.0.1 or [::1]';
  }
  return protocol.includes('.') ? undefined : 'has a scheme that is no reversed domain name';
}
