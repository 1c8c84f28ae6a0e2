import { Controller } from '@nestjs/common';
import { smsV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  ClientAddress,
  CurrentPrincipal,
  Public,
  RequirePrincipal,
  RpcMethod,
} from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { PhoneEnrolmentService } from './phone-enrolment.service';
import { SmsSignInService } from './sms-sign-in.service';

/** sallyport.mfa.v1.SmsService. */
@Controller()
export class SmsController {
  constructor(
    private readonly signIn: SmsSignInService,
    private readonly enrolment: PhoneEnrolmentService,
  ) {}

  @RpcMethod(smsV1.SmsServiceDefinition, 'sendLoginCode')
  @AllowCallers('gateway')
  @Public()
  async sendLoginCode(
    { mfaToken }: smsV1.SendLoginCodeRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<smsV1.SendLoginCodeResponse> {
    return this.signIn.sendFor(mfaToken, clientAddress);
  }

  @RpcMethod(smsV1.SmsServiceDefinition, 'sendStepUpCode')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async sendStepUpCode(
    _request: smsV1.SendStepUpCodeRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<smsV1.SendStepUpCodeResponse> {
    return this.signIn.sendForStepUp(principal, clientAddress);
  }

  @RpcMethod(smsV1.SmsServiceDefinition, 'beginPhone')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async beginPhone(
    { phoneNumber, acceptsRisk }: smsV1.BeginPhoneRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<smsV1.BeginPhoneResponse> {
    return this.enrolment.begin(principal, { phoneNumber, acceptsRisk, clientAddress });
  }

  @RpcMethod(smsV1.SmsServiceDefinition, 'confirmPhone')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async confirmPhone(
    { code }: smsV1.ConfirmPhoneRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<smsV1.ConfirmPhoneResponse> {
    const codes = await this.enrolment.confirm(principal, code, clientAddress);
    return { recoveryCodes: [...codes] };
  }

  @RpcMethod(smsV1.SmsServiceDefinition, 'removePhone')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async removePhone(
    { password }: smsV1.RemovePhoneRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<smsV1.RemovePhoneResponse> {
    await this.enrolment.remove(principal, { password, clientAddress });
    return {};
  }
}
