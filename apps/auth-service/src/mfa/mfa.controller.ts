import { Controller } from '@nestjs/common';
import { mfaV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  ClientAddress,
  CurrentPrincipal,
  Public,
  RequirePrincipal,
  RpcMethod,
} from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { userAgentOf } from '../sessions/user-agent';
import { OwnFactorsService } from './own-factors.service';
import { SecondFactorLoginService } from './second-factor-login.service';
import { StepUpService } from './step-up.service';
import { TotpEnrolmentService } from './totp-enrolment.service';

/** sallyport.mfa.v1.MfaService. */
@Controller()
export class MfaController {
  constructor(
    private readonly login: SecondFactorLoginService,
    private readonly enrolment: TotpEnrolmentService,
    private readonly own: OwnFactorsService,
    private readonly stepUp: StepUpService,
  ) {}

  @RpcMethod(mfaV1.MfaServiceDefinition, 'completeLogin')
  @AllowCallers('gateway')
  @Public()
  async completeLogin(
    { mfaToken, method, code, deviceTokens, userAgent: presented }: mfaV1.CompleteLoginRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<mfaV1.CompleteLoginResponse> {
    const userAgent = userAgentOf(presented);
    const secondFactor = { method, code, clientAddress, userAgent, deviceTokens };
    return { tokens: await this.login.logIn(mfaToken, secondFactor) };
  }

  @RpcMethod(mfaV1.MfaServiceDefinition, 'stepUp')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async authenticateAgain(
    { password, method, code, userAgent: presented }: mfaV1.StepUpRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<mfaV1.StepUpResponse> {
    const userAgent = userAgentOf(presented);
    return this.stepUp.byPassword(principal, { password, method, code, clientAddress, userAgent });
  }

  @RpcMethod(mfaV1.MfaServiceDefinition, 'listFactors')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async list(
    _request: mfaV1.ListFactorsRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<mfaV1.ListFactorsResponse> {
    const { factors, recoveryCodesLeft } = await this.own.list(principal);
    return { factors: [...factors], recoveryCodesLeft };
  }

  @RpcMethod(mfaV1.MfaServiceDefinition, 'beginTotp')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async beginTotp(
    _request: mfaV1.BeginTotpRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<mfaV1.BeginTotpResponse> {
    return this.enrolment.begin(principal);
  }

  @RpcMethod(mfaV1.MfaServiceDefinition, 'confirmTotp')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async confirmTotp(
    { code }: mfaV1.ConfirmTotpRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<mfaV1.ConfirmTotpResponse> {
    const codes = await this.enrolment.confirm(principal, code, clientAddress);
    return { recoveryCodes: [...codes] };
  }

  @RpcMethod(mfaV1.MfaServiceDefinition, 'removeTotp')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async removeTotp(
    { password }: mfaV1.RemoveTotpRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<mfaV1.RemoveTotpResponse> {
    await this.own.removeTotp(principal, password, clientAddress);
    return {};
  }

  @RpcMethod(mfaV1.MfaServiceDefinition, 'regenerateRecoveryCodes')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async regenerateRecoveryCodes(
    _request: mfaV1.RegenerateRecoveryCodesRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<mfaV1.RegenerateRecoveryCodesResponse> {
    const codes = await this.own.regenerate(principal, clientAddress);
    return { recoveryCodes: [...codes] };
  }
}
