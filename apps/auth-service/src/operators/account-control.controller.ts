import { Controller } from '@nestjs/common';
import { authV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  CurrentPrincipal,
  RequireScopes,
  RpcMethod,
} from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { AccountControlService } from './account-control.service';

/** The part of sallyport.auth.v1.OperatorService that acts on accounts. */
@Controller()
export class AccountControlController {
  constructor(private readonly accounts: AccountControlService) {}

  @RpcMethod(authV1.OperatorServiceDefinition, 'lockAccount')
  @AllowCallers('gateway')
  @RequireScopes('accounts:manage')
  lock(
    { account }: authV1.LockAccountRequest,
    @CurrentPrincipal() operator: Principal,
  ): Promise<authV1.LockAccountResponse> {
    return this.accounts.lock(account, operator.id);
  }

  @RpcMethod(authV1.OperatorServiceDefinition, 'unlockAccount')
  @AllowCallers('gateway')
  @RequireScopes('accounts:manage')
  async unlock(
    { account }: authV1.UnlockAccountRequest,
    @CurrentPrincipal() operator: Principal,
  ): Promise<authV1.UnlockAccountResponse> {
    const { id } = await this.accounts.unlock(account, operator.id);
    return { id };
  }

  @RpcMethod(authV1.OperatorServiceDefinition, 'endAccountSessions')
  @AllowCallers('gateway')
  @RequireScopes('accounts:manage')
  endSessions(
    { account }: authV1.EndAccountSessionsRequest,
    @CurrentPrincipal() operator: Principal,
  ): Promise<authV1.EndAccountSessionsResponse> {
    return this.accounts.endSessions(account, operator.id);
  }

  @RpcMethod(authV1.OperatorServiceDefinition, 'deleteAccount')
  @AllowCallers('gateway')
  @RequireScopes('accounts:manage')
  delete(
    { account }: authV1.DeleteAccountRequest,
    @CurrentPrincipal() operator: Principal,
  ): Promise<authV1.DeleteAccountResponse> {
    return this.accounts.delete(account, operator.id);
  }
}
