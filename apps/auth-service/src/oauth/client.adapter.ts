import type { Adapter, AdapterPayload } from 'oidc-provider';
import { isConfidential } from './client-metadata';
import type { ClientsRepository } from './clients.repository';

/** Stands where oidc-provider wants to know a secret: what is presented is compared with hashes, see `ClientsRepository`. */
const SECRET_IS_HASHED = 'kept-as-a-hash';

/** Clients as oidc-provider reads them. They are written by operators, never through the provider. */
export class ClientAdapter implements Adapter {
  constructor(private readonly clients: ClientsRepository) {}

  async find(id: string): Promise<AdapterPayload | undefined> {
    const client = await this.clients.find(id);
    if (client === undefined) return undefined;
    const { metadata, name } = client;
    const hasSecret = metadata.token_endpoint_auth_method.startsWith('client_secret_');
    return {
      ...metadata,
      client_id: id,
      client_name: name,
      response_types: metadata.grant_types.includes('authorization_code') ? ['code'] : [],
      id_token_signed_response_alg: 'RS256',
      require_pushed_authorization_requests: isConfidential(metadata),
      ...(hasSecret && { client_secret: SECRET_IS_HASHED }),
    };
  }

  upsert = readOnly;
  findByUid = none;
  findByUserCode = none;
  consume = readOnly;
  destroy = readOnly;
  revokeByGrantId = readOnly;
}

function none(): Promise<undefined> {
  return Promise.resolve(undefined);
}

function readOnly(): Promise<never> {
  return Promise.reject(new TypeError('clients are written by operators alone'));
}
