import { certificateNameMetadata } from './client-certificate-name';

/** What kinds of clients there are to register; each stands for metadata that suits it. */
export const CLIENT_KINDS = ['spa', 'native', 'web', 'machine'] as const;

export type ClientKind = (typeof CLIENT_KINDS)[number];

/** A client as an operator asks for it. */
export interface NewClient {
  readonly id: string;
  /** What people are asked to trust. */
  readonly name: string;
  readonly kind: ClientKind;
  /** Space-separated. */
  readonly scope: string;
  readonly redirectUris?: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  /** `token_endpoint_auth_method`; what suits the kind when left out. */
  readonly authMethod?: string | undefined;
  /** Public keys, of a client that authenticates by `private_key_jwt`. */
  readonly jwks?: unknown;
  readonly backchannelLogoutUri?: string | undefined;
  /** Of a client that authenticates by certificate: `dns:…`, `uri:…`, or `dn:…` for its subject. */
  readonly certificateName?: string | undefined;
  /** Whether its access tokens work with the certificate alone that they were asked for with; not unless it authenticates by one. */
  readonly certificateBoundTokens?: boolean | undefined;
  /** Whether it gets no token without a DPoP proof. */
  readonly dpopBoundAccessTokens?: boolean | undefined;
}

/** The metadata of a kind of client, not validated yet. */
export function unvalidatedMetadata(client: NewClient): Readonly<Record<string, unknown>> {
  const { kind, jwks, certificateName, redirectUris = [], postLogoutRedirectUris = [] } = client;
  const isPublic = kind === 'spa' || kind === 'native';
  const byKey = jwks === undefined ? 'client_secret_basic' : 'private_key_jwt';
  const usual = certificateName === undefined ? byKey : 'tls_client_auth';
  const method = client.authMethod ?? (isPublic ? 'none' : usual);
  const isBound = client.certificateBoundTokens ?? method === 'tls_client_auth';
  return {
    application_type: kind === 'native' ? 'native' : 'web',
    redirect_uris: redirectUris,
    post_logout_redirect_uris: postLogoutRedirectUris,
    grant_types:
      kind === 'machine' ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: method,
    scope: client.scope,
    ...(jwks !== undefined && { jwks }),
    ...(certificateName !== undefined && certificateNameMetadata(certificateName)),
    ...(isBound && { tls_client_certificate_bound_access_tokens: true }),
    ...(client.dpopBoundAccessTokens === true && { dpop_bound_access_tokens: true }),
    ...(client.backchannelLogoutUri !== undefined && {
      backchannel_logout_uri: client.backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
  };
}
