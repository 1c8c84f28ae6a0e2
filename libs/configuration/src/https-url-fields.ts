import { field, type Field } from './field';
import { parseUrl } from './parse-url';

/** The base URL of an HTTPS service; gives it without a trailing slash. No credentials, query or fragment. */
export function httpsUrl(): Field<string> {
  return field({
    expected: 'an https:// URL without credentials, query or fragment',
    parse: (text) => plainHttpsUrl(text),
  });
}

/**
 * An issuer identifier (RFC 8414 §2): https, no query, no fragment. Compared character by character by every verifier,
 * hence only its canonical spelling is taken: lower-case host, no default port, no trailing slash.
 */
export function issuerUrl(): Field<string> {
  return field({
    expected: 'an https:// issuer URL in canonical form without trailing slash, query or fragment',
    parse: (text) => (plainHttpsUrl(text) === text ? text : undefined),
  });
}

function plainHttpsUrl(text: string): string | undefined {
  const url = parseUrl(text);
  if (url?.protocol !== 'https:') return undefined;
  // `href` keeps an empty "?" or "#" that `search` and `hash` do not show.
  if (/[?#]/.test(url.href) || url.username !== '' || url.password !== '') return undefined;
  return url.href.replace(/\/+$/, '');
}
