import { Controller } from '@nestjs/common';
import { authV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  ClientAddress,
  CurrentPrincipal,
  RequirePrincipal,
  RpcMethod,
  ServiceError,
} from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { isUuid } from '../../is-uuid';
import { ConsentsService } from './consents.service';

/** The part of sallyport.auth.v1.AuthService in which somebody signed in looks after what they allowed OAuth clients. */
@Controller()
export class ConsentsController {
  constructor(private readonly consents: ConsentsService) {}

  @RpcMethod(authV1.AuthServiceDefinition, 'listConsents')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async list(
    _request: authV1.ListConsentsRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<authV1.ListConsentsResponse> {
    const consents = isAccount(principal) ? await this.consents.list(principal.id) : [];
    return { consents: consents.map(({ scopes, ...rest }) => ({ ...rest, scopes: [...scopes] })) };
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'withdrawConsent')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async withdraw(
    { clientId }: authV1.WithdrawConsentRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.WithdrawConsentResponse> {
    if (!isAccount(principal)) throw new ServiceError('NOT_FOUND', 'consent_not_found');
    await this.consents.withdraw({ accountId: principal.id, clientId }, clientAddress);
    return {};
  }
}

/** Whether a principal can have allowed anything. */
function isAccount({ type, id }: Principal): boolean {
  return type === 'user' && isUuid(id);
}
