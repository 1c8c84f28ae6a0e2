import { Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { AdapterPayload, Client } from 'oidc-provider';
import type { z } from 'zod';
import { AuthorizationServer } from '../authorization-server';
import { providerMetadata } from './client.adapter';
import { parseNewClientId } from './client-id';
import { clientMetadata, hasBoundTokens } from './client-metadata';
import type { OauthClient } from './clients.repository';
import { providerLibrary } from '../provider-library';
import { unvalidatedMetadata } from './new-client';
import type { NewClient } from './new-client';

const NAME = /^[^\p{C}\s](?:[^\p{C}]{0,98}[^\p{C}\s])?$/u;

/**
 * Decides which clients may be stored: those this system takes, and of them those that oidc-provider takes, so that no
 * client is stored that fails where it is used.
 */
@Injectable()
export class ClientValidation {
  constructor(private readonly server: AuthorizationServer) {}

  /**
   * @throws ServiceError INVALID_ARGUMENT `oauth_client_id_invalid`, `oauth_client_name_invalid`,
   * `oauth_redirect_uri_invalid` or `oauth_client_metadata_invalid`, with what is wrong as its detail
   */
  async validate(client: NewClient): Promise<OauthClient> {
    const id = parseNewClientId(client.id);
    const { name } = client;
    if (!NAME.test(name)) {
      throw new ServiceError(
        'INVALID_ARGUMENT',
        'oauth_client_name_invalid',
        '1 to 100 characters',
      );
    }
    return this.validateMetadata({ id, name }, unvalidatedMetadata(client));
  }

  /** The same for new metadata of a client that exists. */
  async validateMetadata(
    { id, name }: Pick<OauthClient, 'id' | 'name'>,
    unvalidated: unknown,
  ): Promise<OauthClient> {
    const { success, data: metadata, error } = clientMetadata.safeParse(unvalidated);
    if (!success) throw refusalOf(error);
    const client = { id, name, metadata };
    // A constructor that the types do not know of.
    const { Client } = (await this.server.provider()) as unknown as {
      readonly Client: new (metadata: AdapterPayload) => Client;
    };
    try {
      const { tlsClientCertificateBoundAccessTokens: isBound = false } = new Client(
        providerMetadata(client),
      );
      if (hasBoundTokens(metadata) && !isBound) {
        throw metadataInvalid('there is no listener for certificates of clients (PARTNER_URL)');
      }
    } catch (cause) {
      const { errors } = providerLibrary();
      if (!(cause instanceof errors.OIDCProviderError)) throw cause;
      throw metadataInvalid(cause.error_description ?? cause.error, cause);
    }
    return client;
  }
}

function refusalOf(error: z.ZodError): ServiceError {
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  const detail = `${path} ${issue?.message ?? ''}`.trim();
  return /^(?:post_logout_)?redirect_uris/.test(path)
    ? new ServiceError('INVALID_ARGUMENT', 'oauth_redirect_uri_invalid', detail)
    : metadataInvalid(detail);
}

function metadataInvalid(detail: string, cause?: unknown): ServiceError {
  return new ServiceError('INVALID_ARGUMENT', 'oauth_client_metadata_invalid', detail, { cause });
}
