import { Controller } from '@nestjs/common';
import { apiKeysV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  ClientAddress,
  CurrentPrincipal,
  Public,
  RequireScopes,
  RpcMethod,
} from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { ApiKeyControlService } from './api-key-control.service';
import { ApiKeyResolutionService } from './api-key-resolution.service';
import { ExposedApiKeysService } from './exposed-api-keys.service';

/** The part of sallyport.apikeys.v1.ApiKeyService that acts on keys of whoever they are. */
@Controller()
export class PresentedApiKeysController {
  constructor(
    private readonly resolution: ApiKeyResolutionService,
    private readonly exposed: ExposedApiKeysService,
    private readonly control: ApiKeyControlService,
  ) {}

  @RpcMethod(apiKeysV1.ApiKeyServiceDefinition, 'resolveApiKey')
  @AllowCallers('gateway')
  @Public()
  async resolve(
    { apiKeyId: id, secretHash }: apiKeysV1.ResolveApiKeyRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<apiKeysV1.ResolveApiKeyResponse> {
    const resolved = await this.resolution.resolve({ id, secretHash }, clientAddress);
    const { accountId, scopes, validUntil, requestsPerMinute = 0 } = resolved;
    return { accountId, scopes: [...scopes], validUntil, requestsPerMinute };
  }

  @RpcMethod(apiKeysV1.ApiKeyServiceDefinition, 'revokeExposedApiKey')
  @AllowCallers('gateway')
  @Public()
  async revokeExposed(
    { apiKeyId: id, secretHash }: apiKeysV1.RevokeExposedApiKeyRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<apiKeysV1.RevokeExposedApiKeyResponse> {
    await this.exposed.revoke({ id, secretHash }, clientAddress);
    return {};
  }

  @RpcMethod(apiKeysV1.ApiKeyServiceDefinition, 'revokeAccountApiKeys')
  @AllowCallers('gateway')
  @RequireScopes('accounts:manage')
  revokeAccountApiKeys(
    { account }: apiKeysV1.RevokeAccountApiKeysRequest,
    @CurrentPrincipal() operator: Principal,
  ): Promise<apiKeysV1.RevokeAccountApiKeysResponse> {
    return this.control.revokeAll(account, operator.id);
  }
}
