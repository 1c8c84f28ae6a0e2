import { Controller, Inject } from '@nestjs/common';
import { answerOwnList, type ReadsOwnEvents } from '@sallyport/audit';
import { accountSecurityV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  ClientAddress,
  CurrentPrincipal,
  RequirePrincipal,
  RpcMethod,
} from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { AccountsRepository } from '../accounts/accounts.repository';
import { AccountsService } from '../accounts/accounts.service';
import { CompromisedAccounts } from './compromised-accounts.service';
import { OWN_EVENTS } from './own-events.token';

/** sallyport.accountsecurity.v1.AccountSecurityService on the wire. */
@Controller()
export class AccountSecurityController {
  constructor(
    private readonly own: AccountsService,
    private readonly accounts: AccountsRepository,
    private readonly compromised: CompromisedAccounts,
    @Inject(OWN_EVENTS) private readonly events: ReadsOwnEvents,
  ) {}

  @RpcMethod(accountSecurityV1.AccountSecurityServiceDefinition, 'getPasswordState')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async passwordState(
    _request: accountSecurityV1.GetPasswordStateRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<accountSecurityV1.GetPasswordStateResponse> {
    const { id } = await this.own.own(principal);
    return { changedAt: await this.accounts.passwordChangedAt(id) };
  }

  @RpcMethod(accountSecurityV1.AccountSecurityServiceDefinition, 'listOwnEvents')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async listEvents(
    request: accountSecurityV1.ListOwnEventsRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<accountSecurityV1.ListOwnEventsResponse> {
    const { id } = await this.own.own(principal);
    return answerOwnList(this.events, id, request);
  }

  @RpcMethod(accountSecurityV1.AccountSecurityServiceDefinition, 'reportCompromised')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async report(
    _request: accountSecurityV1.ReportCompromisedRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<accountSecurityV1.ReportCompromisedResponse> {
    const { id } = await this.own.own(principal);
    const { sessionId } = principal;
    await this.compromised.reportInSession(id, (ended) => ended === sessionId, {
      session: sessionId,
      clientAddress,
    });
    return {};
  }
}
