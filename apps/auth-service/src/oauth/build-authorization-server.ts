import type { Logger } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import type { AccountsRepository } from '../accounts/accounts.repository';
import { isUuid } from '../is-uuid';
import type { SigningKeysService } from '../signing-keys/signing-keys.service';
import type { AccessTokenProfile } from '../tokens/own-access-tokens';
import { accessTokenCustomizer } from './access-token-customizer';
import { amendProvider } from './amend-provider';
import type { NotesSignIns } from './amend-provider';
import { ArtifactAdapter } from './artifact.adapter';
import type { ArtifactsRepository } from './artifacts.repository';
import { AuthorizationServer } from './authorization-server';
import type { ClientAddresses } from './client-addresses';
import type { ClientCertificates } from './client-certificates';
import { ClientAdapter } from './clients/client.adapter';
import type { ClientsRepository } from './clients/clients.repository';
import type { ConsentsRepository } from './consents/consents.repository';
import { rememberedGrants } from './consents/remembered-grants';
import type { DpopNonces } from './dpop-nonces';
import type { GrantsService } from './grants.service';
import type { IntrospectionService } from './introspection/introspection.service';
import type { ClientSignInsRepository } from './logout-notices/client-sign-ins.repository';
import { findAccountIn } from './oauth-accounts';
import type { OauthSessionsRepository } from './oauth-sessions.repository';
import { errorPage } from './pages/error.page';
import { logoutPage, signedOutPage } from './pages/logout.page';
import { pageHeaders } from './pages/page-headers';
import { providerConfiguration } from './provider-configuration';
import { detectReplays } from './replay-detection';

/** Puts the authorization server together from what it stands on. */
export function buildAuthorizationServer(
  { issuer, audience, lifetimeSeconds }: AccessTokenProfile,
  keys: SigningKeysService,
  accounts: AccountsRepository,
  artifacts: ArtifactsRepository,
  clients: ClientsRepository,
  sessions: OauthSessionsRepository,
  grants: GrantsService,
  consents: ConsentsRepository,
  signIns: ClientSignInsRepository,
  introspection: IntrospectionService,
  clientAddresses: ClientAddresses,
  certificates: ClientCertificates,
  partnerUrl: string | undefined,
  clock: Clock,
  logger: Logger,
  dpopNonces: DpopNonces,
): AuthorizationServer {
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
        await certificates.read(req);
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
