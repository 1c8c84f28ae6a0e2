import { Controller } from '@nestjs/common';
import { clientsV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  CurrentPrincipal,
  RequireScopes,
  RpcMethod,
  ServiceError,
} from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { ClientDisablingService } from './client-disabling.service';
import { clientMessage } from './client.message';
import { ClientsService } from './clients.service';
import type { ClientKind } from './new-client';

const { ClientKind: Kind } = clientsV1;

const KINDS: Readonly<Record<clientsV1.ClientKind, ClientKind | undefined>> = {
  [Kind.CLIENT_KIND_SPA]: 'spa',
  [Kind.CLIENT_KIND_NATIVE]: 'native',
  [Kind.CLIENT_KIND_WEB]: 'web',
  [Kind.CLIENT_KIND_MACHINE]: 'machine',
  [Kind.CLIENT_KIND_UNSPECIFIED]: undefined,
  [Kind.UNRECOGNIZED]: undefined,
};

/** sallyport.clients.v1.OauthClientService. */
@Controller()
export class ClientsController {
  constructor(
    private readonly clients: ClientsService,
    private readonly disabling: ClientDisablingService,
  ) {}

  @RpcMethod(clientsV1.OauthClientServiceDefinition, 'createClient')
  @AllowCallers('gateway')
  @RequireScopes('clients:manage')
  async create(
    request: clientsV1.CreateClientRequest,
    @CurrentPrincipal() operator: Principal,
  ): Promise<clientsV1.CreateClientResponse> {
    const { id, name, scope, redirectUris, postLogoutRedirectUris } = request;
    const wanted = {
      ...{ id, name, scope, redirectUris, postLogoutRedirectUris },
      kind: KINDS[request.kind] ?? refuse('kind is not told'),
      authMethod: orUndefined(request.authMethod),
      jwks: request.jwksJson === '' ? undefined : parsedJson(request.jwksJson),
      backchannelLogoutUri: orUndefined(request.backchannelLogoutUri),
      certificateName: orUndefined(request.certificateName),
      certificateBoundTokens: request.certificateBoundTokens || undefined,
      dpopBoundAccessTokens: request.dpopBoundAccessTokens,
    };
    const { client, secret = '' } = await this.clients.create(wanted, operator.id);
    return { client: clientMessage(client), secret };
  }

  @RpcMethod(clientsV1.OauthClientServiceDefinition, 'listClients')
  @AllowCallers('gateway')
  @RequireScopes('clients:manage')
  async list(): Promise<clientsV1.ListClientsResponse> {
    return { clients: (await this.clients.list()).map(clientMessage) };
  }

  @RpcMethod(clientsV1.OauthClientServiceDefinition, 'rotateClientSecret')
  @AllowCallers('gateway')
  @RequireScopes('clients:manage')
  async rotateSecret(
    { clientId, overlapSeconds }: clientsV1.RotateClientSecretRequest,
    @CurrentPrincipal() operator: Principal,
  ): Promise<clientsV1.RotateClientSecretResponse> {
    const { client, secret = '' } = await this.clients.rotateSecret(
      clientId,
      overlapSeconds,
      operator.id,
    );
    return { client: clientMessage(client), secret };
  }

  @RpcMethod(clientsV1.OauthClientServiceDefinition, 'replaceClientKeys')
  @AllowCallers('gateway')
  @RequireScopes('clients:manage')
  async replaceKeys(
    { clientId, jwksJson }: clientsV1.ReplaceClientKeysRequest,
    @CurrentPrincipal() operator: Principal,
  ): Promise<clientsV1.ReplaceClientKeysResponse> {
    const jwks = parsedJson(jwksJson);
    const client = await this.clients.replaceKeys(clientId, jwks, operator.id);
    return { client: clientMessage(client) };
  }

  @RpcMethod(clientsV1.OauthClientServiceDefinition, 'disableClient')
  @AllowCallers('gateway')
  @RequireScopes('clients:manage')
  async disable(
    { clientId }: clientsV1.DisableClientRequest,
    @CurrentPrincipal() operator: Principal,
  ): Promise<clientsV1.DisableClientResponse> {
    const { client, endedSessions } = await this.disabling.disable(clientId, operator.id);
    return { client: clientMessage(client), endedSessions };
  }

  @RpcMethod(clientsV1.OauthClientServiceDefinition, 'enableClient')
  @AllowCallers('gateway')
  @RequireScopes('clients:manage')
  async enable(
    { clientId }: clientsV1.EnableClientRequest,
    @CurrentPrincipal() operator: Principal,
  ): Promise<clientsV1.EnableClientResponse> {
    const client = await this.disabling.enable(clientId, operator.id);
    return { client: clientMessage(client) };
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse('the keys are no JSON');
  }
}

function orUndefined(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function refuse(detail: string): never {
  throw new ServiceError('INVALID_ARGUMENT', 'oauth_client_metadata_invalid', detail);
}
