import type { KeyObject } from 'node:crypto';
import type { Adapter, Configuration, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import { AUTHENTICATION_CLASSES } from '@sallyport/principal';
import { DPOP_ALGORITHMS } from '@sallyport/tokens';
import type { Clock, SigningKey } from '@sallyport/tokens';
import { API_SCOPES, isApiScope, OPENID_SCOPES } from './api-scopes';
import { fetchOf } from './client-addresses';
import type { ClientAddresses } from './client-addresses';
import { assertionCheck } from './client-assertions';
import { mutualTlsDiscovery, mutualTlsFeature } from './mutual-tls';
import type { MutualTlsSurroundings } from './mutual-tls';
import { providerLibrary } from './provider-library';

/** Seconds, of everything the authorization server issues. */
export const LIFETIMES = {
  authorizationCode: 60,
  pushedRequest: 60,
  interaction: 10 * 60,
  idToken: 15 * 60,
  /** Absolute: rotation does not move it. */
  grant: 7 * 24 * 60 * 60,
  browserSession: 7 * 24 * 60 * 60,
  /** How long what somebody allowed is not asked again. */
  consent: 90 * 24 * 60 * 60,
} as const;

/** The cookie of a browser that is signed in. */
export const SIGNED_IN_COOKIE = '__Secure-sallyport-signed-in';

export interface ProviderSurroundings {
  /** The gateway's public URL. */
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
  readonly clientAddresses: ClientAddresses;
  readonly accessTokenSeconds: number;
  /** Of the proofs that bind tokens to keys (RFC 9449). */
  readonly dpop: { readonly nonceSecret: Buffer; readonly requiresNonce: boolean };
  /** The key that signs. */
  readonly key: SigningKey;
  readonly adapterOf: (kind: string) => Adapter;
  readonly scopesOf: (accountId: string) => Promise<readonly string[] | undefined>;
  readonly findAccount: NonNullable<Configuration['findAccount']>;
  readonly loadGrant: NonNullable<Configuration['loadExistingGrant']>;
  readonly finishAccessToken: NonNullable<
    NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt']
  >;
  /** Undefined where no client can present a certificate. */
  readonly mutualTls: MutualTlsSurroundings | undefined;
  readonly renderError: NonNullable<Configuration['renderError']>;
  readonly logoutPages: Pick<
    NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>,
    'logoutSource' | 'postLogoutSuccessSource'
  >;
}

/**
 * The authorization server as this system has it: OAuth 2.1's flows and no others. PKCE with S256 for every client
 * (RFC 9700 §2.1.1), pushed requests for those that have something to authenticate with (RFC 9126), one audience, access
 * tokens as every other one here (RFC 9068).
 */
export function providerConfiguration(surroundings: ProviderSurroundings): Configuration {
  const { issuer, audience, clock, accessTokenSeconds, dpop, key, adapterOf } = surroundings;
  return {
    adapter: adapterOf,
    jwks: { keys: [privateJwk(key)] },
    routes: {
      authorization: '/oauth2/authorize',
      token: '/oauth2/token',
      pushed_authorization_request: '/oauth2/par',
      userinfo: '/oauth2/userinfo',
      end_session: '/oauth2/logout',
      introspection: '/oauth2/introspect',
      jwks: '/.well-known/jwks.json',
    },
    scopes: [...Object.keys(OPENID_SCOPES), ...Object.keys(API_SCOPES)],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      acr: null,
      amr: null,
      auth_time: null,
      sid: null,
      iss: null,
    },
    acrValues: [...AUTHENTICATION_CLASSES],
    responseTypes: ['code'],
    subjectTypes: ['public'],
    clientAuthMethods: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      ...(surroundings.mutualTls ? (['tls_client_auth'] as const) : []),
    ],
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256'],
      clientAuthSigningAlgValues: ['PS256', 'ES256', 'EdDSA', 'Ed25519'],
      dPoPSigningAlgValues: [...DPOP_ALGORITHMS],
    },
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: () => true },
    assertJwtClientAuthClaimsAndHeader: assertionCheck(issuer, clock),
    conformIdTokenClaims: true,
    rotateRefreshToken: true,
    issueRefreshToken: (_context, client) =>
      Promise.resolve(client.grantTypeAllowed('refresh_token')),
    expiresWithSession: (_context, source) =>
      Promise.resolve(!('scopes' in source) || !source.scopes.has('offline_access')),
    clientBasedCORS: () => false,
    fetch: fetchOf(surroundings.clientAddresses),
    discovery: {
      // Of the gateway and for every token of this system: having one is what it takes to end it.
      revocation_endpoint: `${issuer}/oauth2/revoke`,
      revocation_endpoint_auth_methods_supported: ['none'],
      ...mutualTlsDiscovery(surroundings.mutualTls),
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      mTLS: mutualTlsFeature(surroundings.mutualTls),
      dPoP: {
        enabled: true,
        nonceSecret: dpop.nonceSecret,
        requireNonce: () => dpop.requiresNonce,
      },
      introspection: {
        enabled: true,
        // Opaque tokens open nothing anywhere but here: nobody else has use for knowing of them.
        allowedPolicy: (_context, client, token) => client.clientId === token.clientId,
      },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, ...surroundings.logoutPages },
      resourceIndicators: {
        enabled: true,
        defaultResource: (context, _client, oneOf) =>
          Promise.resolve(oneOf?.[0] ?? (asksForApi(context) ? audience : [])),
        useGrantedResource: () => Promise.resolve(true),
        getResourceServerInfo: (context, resource) =>
          resourceServer(surroundings, context, resource),
      },
      userinfo: { enabled: true },
    },
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      AuthorizationCode: LIFETIMES.authorizationCode,
      Grant: LIFETIMES.grant,
      IdToken: LIFETIMES.idToken,
      Interaction: LIFETIMES.interaction,
      RefreshToken: remainingOfFirst,
      Session: LIFETIMES.browserSession,
    },
    cookies: {
      names: {
        session: SIGNED_IN_COOKIE,
        interaction: '__Secure-sallyport-interaction',
        resume: '__Secure-sallyport-resume',
      },
      long: { httpOnly: true, secure: true, sameSite: 'lax', path: '/oauth2' },
      // Each at the path of its own interaction, so that two of one browser do not meet.
      short: { httpOnly: true, secure: true, sameSite: 'lax' },
    },
    interactions: { url: (_context, { uid }) => `/oauth2/interaction/${uid}` },
    findAccount: surroundings.findAccount,
    loadExistingGrant: surroundings.loadGrant,
    formats: { customizers: { jwt: surroundings.finishAccessToken } },
    renderError: surroundings.renderError,
  };
}

/** Whether the request asks for anything of the API, and not only for who somebody is. */
function asksForApi({ oidc }: KoaContextWithOIDC): boolean {
  const { scope } = oidc.params ?? {};
  return typeof scope === 'string' && scope.split(' ').some(isApiScope);
}

/**
 * The one API (RFC 8707). Of what it can be asked for, a client gets at most what its account holds now.
 *
 * @throws InvalidTarget for any other resource
 */
async function resourceServer(
  { audience, accessTokenSeconds, scopesOf }: ProviderSurroundings,
  { oidc }: KoaContextWithOIDC,
  resource: string,
): Promise<ResourceServer> {
  const { errors } = providerLibrary();
  if (resource !== audience) throw new errors.InvalidTarget();
  const accountId = oidc.entities.Account?.accountId ?? oidc.session?.accountId;
  const held = accountId === undefined ? undefined : await scopesOf(accountId);
  const scopes = Object.keys(API_SCOPES).filter((scope) => held?.includes(scope) ?? true);
  return {
    scope: scopes.join(' '),
    audience,
    accessTokenTTL: accessTokenSeconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  };
}

/** Rotation does not move the end of a refresh token: it is that of the first one of its family. */
function remainingOfFirst({ oidc }: KoaContextWithOIDC): number {
  const remaining = oidc.entities.RotatedRefreshToken?.remainingTTL;
  return remaining === undefined ? LIFETIMES.grant : Math.max(1, remaining);
}

function privateJwk({ kid, privateKey }: { readonly kid: string; readonly privateKey: KeyObject }) {
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
}
