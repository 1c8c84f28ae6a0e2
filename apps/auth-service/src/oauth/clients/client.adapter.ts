import type { Adapter, AdapterPayload } from 'oidc-provider';
import { hasBoundTokens, hasSecret, INTROSPECTION_SCOPE, isConfidential } from './client-metadata';
import type { ClientsRepository, OauthClient } from './clients.repository';

/** Stands where oidc-provider wants to know a secret: what is presented is compared with hashes, see `ClientsRepository`. */
const SECRET_IS_HASHED = 'kept-as-a-hash';

/**
 * Of a client that introspects and does nothing else: the library knows no client without a scope or a grant, and this grant
 * starts with one that it has not.
 */
const GRANTED_NOTHING = { scope: 'openid', grant_types: ['refresh_token'] };

/** Clients as oidc-provider reads them. They are written by operators, never through the provider. */
export class ClientAdapter implements Adapter {
  /** @param takesCertificates whether clients can present certificates here */
  constructor(
    private readonly clients: ClientsRepository,
    private readonly takesCertificates: boolean,
  ) {}

  async find(id: string): Promise<AdapterPayload | undefined> {
    const client = await this.clients.find(id);
    // The library would leave out what it is not set up for, and give such a client tokens that are bound to nothing.
    if (client && hasBoundTokens(client.metadata) && !this.takesCertificates) return undefined;
    return client && providerMetadata(client);
  }

  upsert = readOnly;
  findByUid = none;
  findByUserCode = none;
  consume = readOnly;
  destroy = readOnly;
  revokeByGrantId = readOnly;
}

/** A client as oidc-provider has it: pushed requests for everyone who can authenticate (RFC 9126 section 6). */
export function providerMetadata({ id, name, metadata }: OauthClient): AdapterPayload {
  const scope = metadata.scope.split(' ').filter((each) => each !== INTROSPECTION_SCOPE);
  return {
    ...metadata,
    scope: scope.join(' '),
    ...(scope.length === 0 && GRANTED_NOTHING),
    client_id: id,
    client_name: name,
    response_types: metadata.grant_types.includes('authorization_code') ? ['code'] : [],
    id_token_signed_response_alg: 'RS256',
    require_pushed_authorization_requests: isConfidential(metadata),
    ...(hasSecret(metadata) && { client_secret: SECRET_IS_HASHED }),
  };
}

function none(): Promise<undefined> {
  return Promise.resolve(undefined);
}

function readOnly(): Promise<never> {
  return Promise.reject(new TypeError('clients are written by operators alone'));
}
