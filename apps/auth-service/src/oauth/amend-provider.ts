import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { createLocalJWKSet, jwtVerify } from 'jose';

import type { PublicJwk } from '../signing-keys/signing-key';
import { noteIdTokens } from './id-token-notes';
import type { IdTokenNote } from './id-token-notes';
import { answerIntrospections } from './introspection/answer-introspections';
import type { IntrospectionService } from './introspection/introspection.service';
import { noteLogouts } from './logout-notices/logout-tokens';
import { nothingToSignOut } from './nothing-to-sign-out';
import { answerInQueryAlone, isModeAllowed } from './query-answers';
import { providerLibrary } from './provider-library';
import { refuseResourceBeforeUse } from './resource-before-use';

/** What clients know of who is signed in, as the provider of one key notes it. */
export interface NotesSignIns {
  note(idToken: IdTokenNote): Promise<boolean>;
  over(clientId: string, accountId: string, clientSid: string | undefined): Promise<void>;
}

/** What this system wants otherwise than oidc-provider, where the library has no setting for it. */
export function amendProvider(
  provider: Provider,
  clients: { isSecretOf(clientId: string, presentedSecret: string): Promise<boolean> },
  keys: { published(): Promise<readonly PublicJwk[]> },
  signIns: NotesSignIns,
  introspection: Pick<IntrospectionService, 'introspect'>,
): void {
  provider.use(answerInJson);
  provider.use(answerInQueryAlone);
  provider.use(nothingToSignOut);
  provider.use(nameUnauthorizedClients);
  answerIntrospections(provider, introspection);
  refuseResourceBeforeUse(provider);
  noteIdTokens(provider, (idToken) => signIns.note(idToken));
  noteLogouts(provider, (...signIn) => signIns.over(...signIn));
  const { prototype } = provider.Client;
  Object.assign(prototype, { responseModeAllowed: isModeAllowed });
  prototype.compareClientSecret = function (presentedSecret: string) {
    // The library takes a secret in the header for one in the form, and the other way round.
    const isInHeader = providerLibrary().Provider.ctx?.headers.authorization !== undefined;
    const isHowRegistered = isInHeader === (this.clientAuthMethod === 'client_secret_basic');
    return isHowRegistered && clients.isSecretOf(this.clientId, presentedSecret);
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

/** The endpoints for clients, which read JSON (RFC 6749 section 5.2) whatever they say they accept. */
const FOR_CLIENTS = /^\/oauth2\/(?:token|par|introspect|userinfo)$/;

/** Keeps oidc-provider from answering clients with a page for people. */
async function answerInJson(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  if (FOR_CLIENTS.test(context.path)) context.req.headers.accept = 'application/json';
  await next();
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
