/**
 * The headers of a page with a form. It loads its style sheet and nothing else but, where it asks for a passkey, a script of
 * this origin; it is framed by nobody, connects to nobody, and submits to this origin. From there a browser is sent on to the
 * client, which `form-action` has to name as well.
 *
 * @param redirectUri where the client wants the answer, or the browser back
 */
export function pageHeaders(
  redirectUri?: string,
  { hasScript = false } = {},
): Readonly<Record<string, string>> {
  return {
    'content-security-policy':
      `default-src 'none'; style-src 'self'; ${hasScript ? `script-src 'self'; ` : ''}base-uri 'none'; ` +
      `frame-ancestors 'none'; ` +
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
