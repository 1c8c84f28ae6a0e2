import { parseScope } from '@sallyport/tokens';
import type { OAuthError } from '../problems/oauth-problem';

/** Ways to authenticate a client that would be a second one beside the certificate (RFC 6749 section 2.3). */
const OTHER_AUTHENTICATION = ['client_secret', 'client_assertion', 'client_assertion_type'];

/**
 * What is wrong with the form of a token request (RFC 6749 section 4.4.2); undefined when nothing is. Unknown parameters
 * are ignored, and an empty one counts as left out (section 3.2).
 *
 * @param clientId whom the certificate has authenticated: a `client_id` beside it names nobody else (RFC 8705 section 2)
 */
export function tokenRequestError(
  form: unknown,
  clientId: string | undefined,
): OAuthError | undefined {
  if (!(form instanceof URLSearchParams)) return 'invalid_request';
  const names = [...form.keys()];
  if (new Set(names).size !== names.length) return 'invalid_request';
  if (OTHER_AUTHENTICATION.some((name) => form.has(name))) return 'invalid_request';
  const grantType = form.get('grant_type') ?? '';
  if (grantType === '') return 'invalid_request';
  if (grantType !== 'client_credentials') return 'unsupported_grant_type';
  if ((form.get('client_id') || clientId) !== clientId) return 'invalid_client';
  const scope = wantedScope(form);
  return scope === '' || parseScope(scope) !== undefined ? undefined : 'invalid_scope';
}

/** The scope a form asks for; empty for all there is. */
export function wantedScope(form: unknown): string {
  return (form instanceof URLSearchParams && form.get('scope')) || '';
}
