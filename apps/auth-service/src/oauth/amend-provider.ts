import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { nothingToSignOut } from './nothing-to-sign-out';
import { answerInQueryAlone, isModeAllowed } from './query-answers';

/** What this system wants otherwise than oidc-provider, where the library has no setting for it. */
export function amendProvider(
  provider: Provider,
  isSecretOf: (clientId: string, presentedSecret: string) => Promise<boolean>,
): void {
  provider.use(answerInQueryAlone);
  provider.use(nothingToSignOut);
  provider.use(nameUnauthorizedClients);
  const { prototype } = provider.Client;
  Object.assign(prototype, { responseModeAllowed: isModeAllowed });
  prototype.compareClientSecret = function (presentedSecret: string) {
    return isSecretOf(this.clientId, presentedSecret);
  };
}

/** A grant that is offered but not to this client has a code of its own (RFC 6749 §5.2), which the library leaves out. */
async function nameUnauthorizedClients(
  context: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next();
  // Undefined when no route of the library was met, whatever the types say.
  const oidc = context.oidc as KoaContextWithOIDC['oidc'] | undefined;
  if (oidc?.route !== 'token' || context.status !== 400) return;
  const body = context.body as { readonly error?: string };
  const { grant_type: grantType } = oidc.params ?? {};
  if (body.error !== 'invalid_request' || typeof grantType !== 'string') return;
  if (oidc.client?.grantTypeAllowed(grantType) !== false) return;
  context.body = { ...body, error: 'unauthorized_client' };
}
