import { Controller } from '@nestjs/common';
import { apiKeysV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  ClientAddress,
  CurrentPrincipal,
  RequireScopes,
  RpcMethod,
} from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { ApiKeyIssuanceService } from './api-key-issuance.service';
import { toMessage } from './api-key.message';
import { OwnApiKeysService } from './own-api-keys.service';

/** The part of sallyport.apikeys.v1.ApiKeyService in which somebody signed in looks after their own keys. */
@Controller()
export class OwnApiKeysController {
  constructor(
    private readonly issuance: ApiKeyIssuanceService,
    private readonly own: OwnApiKeysService,
  ) {}

  @RpcMethod(apiKeysV1.ApiKeyServiceDefinition, 'createApiKey')
  @AllowCallers('gateway')
  @RequireScopes('api-keys:manage')
  async create(
    wanted: apiKeysV1.CreateApiKeyRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<apiKeysV1.CreateApiKeyResponse> {
    const issued = await this.issuance.create(principal, wanted, clientAddress);
    return { apiKey: toMessage(issued.apiKey), presentedKey: issued.presentedKey };
  }

  @RpcMethod(apiKeysV1.ApiKeyServiceDefinition, 'listApiKeys')
  @AllowCallers('gateway')
  @RequireScopes('api-keys:manage')
  async list(
    _request: apiKeysV1.ListApiKeysRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<apiKeysV1.ListApiKeysResponse> {
    const keys = await this.own.list(principal);
    return { apiKeys: keys.map(toMessage) };
  }

  @RpcMethod(apiKeysV1.ApiKeyServiceDefinition, 'rotateApiKey')
  @AllowCallers('gateway')
  @RequireScopes('api-keys:manage')
  async rotate(
    { apiKeyId: id, overlapSeconds }: apiKeysV1.RotateApiKeyRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<apiKeysV1.RotateApiKeyResponse> {
    const rotation = { id, overlapSeconds };
    const issued = await this.issuance.rotate(principal, rotation, clientAddress);
    return { apiKey: toMessage(issued.apiKey), presentedKey: issued.presentedKey };
  }

  @RpcMethod(apiKeysV1.ApiKeyServiceDefinition, 'revokeApiKey')
  @AllowCallers('gateway')
  @RequireScopes('api-keys:manage')
  async revoke(
    { apiKeyId }: apiKeysV1.RevokeApiKeyRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<apiKeysV1.RevokeApiKeyResponse> {
    await this.own.revoke(principal, apiKeyId, clientAddress);
    return {};
  }

  @RpcMethod(apiKeysV1.ApiKeyServiceDefinition, 'revokeAllApiKeys')
  @AllowCallers('gateway')
  @RequireScopes('api-keys:manage')
  async revokeAll(
    _request: apiKeysV1.RevokeAllApiKeysRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<apiKeysV1.RevokeAllApiKeysResponse> {
    return { revokedKeys: await this.own.revokeAll(principal, clientAddress) };
  }
}
