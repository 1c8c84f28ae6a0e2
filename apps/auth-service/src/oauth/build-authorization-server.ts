import { isUuid } from '../is-uuid';
import { accessTokenCustomizer } from './access-token-customizer';
import { amendProvider } from './amend-provider';
import type { NotesSignIns } from './amend-provider';
import { ArtifactAdapter } from './artifact.adapter';
import { AuthorizationServer } from './authorization-server';
import type { AuthorizationServerParts } from './authorization-server-parts';
import { ClientAdapter } from './clients/client.adapter';
import { rememberedGrants } from './consents/remembered-grants';
import { findAccountIn } from './oauth-accounts';
import { errorPage } from './pages/error.page';
import { logoutPage, signedOutPage } from './pages/logout.page';
import { pageHeaders } from './pages/page-headers';
import { providerConfiguration } from './provider-configuration';
import { detectReplays } from './replay-detection';

/** Puts the authorization server together from what it stands on. */
export function buildAuthorizationServer(parts: AuthorizationServerParts): AuthorizationServer {
  const { issuer, audience, lifetimeSeconds } = parts.accessTokens;
  const { accounts, artifacts, certificates, clients, clientAddresses, clock, consents } = parts;
  const { dpopNonces, grants, introspection, keys, logger, partnerUrl, sessions, signIns } = parts;
  const mutualTls = partnerUrl === undefined ? undefined : { certificates, url: partnerUrl };
  return new AuthorizationServer({
    issuer,
    activeKey: () => keys.active(),
    dpopNonceSecret: () => dpopNonces.secret(),
    configurationFor: (key, dpopNonceSecret) =>
      providerConfiguration({
        issuer,
        audience,
        clock,
        clientAddresses,
        accessTokenSeconds: lifetimeSeconds,
        mutualTls,
        dpop: { nonceSecret: dpopNonceSecret, requiresNonce: dpopNonces.isRequired },
        key,
        adapterOf: (kind) =>
          kind === 'Client'
            ? new ClientAdapter(clients, mutualTls !== undefined)
            : new ArtifactAdapter(kind, artifacts, (grantId) => grants.end(grantId)),
        scopesOf: async (accountId) =>
          isUuid(accountId) ? (await accounts.findById(accountId))?.scopes : undefined,
        findAccount: findAccountIn(accounts, sessions, clock),
        loadGrant: rememberedGrants(consents, audience, clock),
        finishAccessToken: accessTokenCustomizer(sessions, clients, key.kid, clock),
        renderError: (context, { error, error_description }) => {
          context.set(pageHeaders());
          context.type = 'html';
          context.body = errorPage(error, error_description);
        },
        logoutPages: {
          logoutSource: (context, form) => {
            const { post_logout_redirect_uri: back } = context.oidc.params ?? {};
            context.set(pageHeaders(typeof back === 'string' ? back : undefined));
            context.body = logoutPage(form, context.oidc.client?.clientName);
          },
          postLogoutSuccessSource: (context) => {
            context.set(pageHeaders());
            context.body = signedOutPage(context.oidc.client?.clientName);
          },
        },
      }),
    prepare: (provider, { kid }) => {
      provider.use(async ({ req }, next) => {
        const isOfPartnerListener = await certificates.read(req);
        if (isOfPartnerListener && partnerUrl !== undefined) {
          // The host that the client has asked, which a DPoP proof names (RFC 9449 §4.2).
          req.headers.host = new URL(partnerUrl).host;
        }
        await next();
      });
      const noting: NotesSignIns = {
        note: (idToken) => signIns.note(idToken, kid),
        over: (...signIn) => signIns.over(...signIn),
      };
      amendProvider(provider, clients, keys, noting, introspection);
      detectReplays(provider, artifacts, clock);
      provider.on('session.destroyed', ({ uid }) => {
        grants.signOut(uid).catch((error: unknown) => {
          logger.error({ event: 'sign_out_not_recorded', error });
        });
      });
      provider.on('backchannel.error', (_context, error, { clientId: client }) => {
        logger.warn({ event: 'client_not_told_of_logout', client, error });
      });
      provider.on('server_error', (_context, error) => {
        logger.error({ event: 'authorization_server_error', error });
      });
    },
  });
}
