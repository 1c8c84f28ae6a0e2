import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { createLocalJWKSet, jwtVerify } from 'jose';

import type { PublicJwk } from '../signing-keys/signing-key';
import { nothingToSignOut } from './nothing-to-sign-out';
import { answerInQueryAlone, isModeAllowed } from './query-answers';

/** What this system wants otherwise than oidc-provider, where the library has no setting for it. */
export function amendProvider(
  provider: Provider,
  clients: { isSecretOf(clientId: string, presentedSecret: string): Promise<boolean> },
  keys: { published(): Promise<readonly PublicJwk[]> },
): void {
  provider.use(answerInQueryAlone);
  provider.use(nothingToSignOut);
  provider.use(nameUnauthorizedClients);
  const { prototype } = provider.Client;
  Object.assign(prototype, { responseModeAllowed: isModeAllowed });
  prototype.compareClientSecret = function (presentedSecret: string) {
    return clients.isSecretOf(this.clientId, presentedSecret);
  };
  Object.assign(provider.IdToken, {
    /** By every key that still verifies: the library knows the one that signs now. An ID token that has expired is a hint as well. */
    validate: async (presentedToken: string, { clientId }: { readonly clientId: string }) =>
      jwtVerify(presentedToken, createLocalJWKSet({ keys: [...(await keys.published())] }), {
        issuer: provider.issuer,
        audience: clientId,
        algorithms: ['RS256'],
        requiredClaims: ['sub'],
        currentDate: new Date(0),
      }),
  });
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
