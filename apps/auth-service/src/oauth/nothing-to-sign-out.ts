import type { KoaContextWithOIDC } from 'oidc-provider';
import { notSignedInPage } from './pages/logout.page';
import { pageHeaders } from './pages/page-headers';

/**
 * Shows a page of its own to somebody who signs out without being signed in: that of oidc-provider submits itself by inline
 * script, which no page here may run.
 */
export async function nothingToSignOut(
  context: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next();
  // Undefined when no route of the library was met, whatever the types say.
  const oidc = context.oidc as KoaContextWithOIDC['oidc'] | undefined;
  if (oidc?.route !== 'end_session' || context.status !== 200) return;
  const { session, params } = oidc;
  const { secret } = (session as { readonly state?: { readonly secret?: string } }).state ?? {};
  if (session?.accountId !== undefined || secret === undefined) return;
  const { post_logout_redirect_uri: back } = params ?? {};
  context.set(pageHeaders(typeof back === 'string' ? back : undefined));
  context.type = 'html';
  context.body = notSignedInPage(oidc.urlFor('end_session_confirm'), secret);
}
