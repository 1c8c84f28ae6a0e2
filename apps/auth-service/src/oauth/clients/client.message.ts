import type { clientsV1 } from '@sallyport/contracts';
import { certificateNameOf } from './client-certificate-name';
import { hasBoundTokens } from './client-metadata';
import type { ClientRecord } from './client-records.repository';

/** A client as it goes over the wire. */
export function clientMessage(client: ClientRecord): clientsV1.OauthClient {
  const { id, name, metadata, createdAt, disabledAt, secrets } = client;
  return {
    ...{ id, name, createdAt, disabledAt },
    applicationType: metadata.application_type,
    grantTypes: [...metadata.grant_types],
    redirectUris: [...metadata.redirect_uris],
    postLogoutRedirectUris: [...metadata.post_logout_redirect_uris],
    scope: metadata.scope,
    authMethod: metadata.token_endpoint_auth_method,
    keyIds: (metadata.jwks?.keys ?? []).flatMap(({ kid }) =>
      typeof kid === 'string' ? [kid] : [],
    ),
    dpopBoundAccessTokens: metadata.dpop_bound_access_tokens ?? false,
    backchannelLogoutUri: metadata.backchannel_logout_uri ?? '',
    certificateName: certificateNameOf(metadata) ?? '',
    certificateBoundTokens: hasBoundTokens(metadata),
    secrets: secrets.map(({ createdAt: madeAt, validUntil }) => ({
      createdAt: madeAt,
      validUntil,
    })),
  };
}
