/**
 * The headers of a page with a form. It loads its style sheet and nothing else, is framed by nobody, and submits to this
 * origin; from there a browser is sent on to the client, which `form-action` has to name as well.
 *
 * @param redirectUri where the client wants the answer, or the browser back
 */
export function pageHeaders(redirectUri?: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy':
      `default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; ` +
      `form-action 'self'${redirectUri === undefined ? '' : ` ${sourceOf(redirectUri)}`}`,
    // With none at all a browser would not say which page a form was submitted from.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

/** A host where the policy's grammar has one, otherwise the scheme alone (CSP 3 section 2.3.1). */
function sourceOf(redirectUri: string): string {
  const { protocol, host, hostname } = new URL(redirectUri);
  const hasHost = /^https?:$/.test(protocol) && !hostname.startsWith('[');
  return hasHost ? `${protocol}//${host}` : protocol;
}
