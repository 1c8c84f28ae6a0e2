/** The characters of a URI (RFC 3986 §2), and percent-encodings that are whole. */
const URI = /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;

const AUTHORITY = /^https?:\/\/[^/?#@]+(?:[/?#]|$)/i;

const UNRESERVED = /[\w\-.~]/;

/**
 * The URI of an HTTP request without query and fragment, normalised by its syntax and its scheme (RFC 3986 §6.2.2, §6.2.3) as
 * RFC 9449 §4.3 wants it before two are compared: case of scheme, host and percent-encodings, needless
 * percent-encodings, dot segments, the default port, an empty path.
 *
 * @returns undefined for what is no absolute http or https URI, or has user information.
 */
export function normalisedRequestUri(uri: string): string | undefined {
  // The URL standard is more lenient: it drops white space and takes `\` for `/`.
  if (!URI.test(uri) || !AUTHORITY.test(uri)) return undefined;
  const url = URL.parse(uri.replace(/%[0-9A-Fa-f]{2}/g, normalisedEncoding));
  return url === null ? undefined : `${url.origin}${url.pathname}`;
}

function normalisedEncoding(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return UNRESERVED.test(character) ? character : encoded.toUpperCase();
}
