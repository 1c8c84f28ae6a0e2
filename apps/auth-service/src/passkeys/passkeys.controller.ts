import { Controller } from '@nestjs/common';
import { passkeysV1 } from '@sallyport/contracts';
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
import { OwnPasskeysService } from './own-passkeys.service';
import { authenticatorOf } from './passkey';
import type { Passkey } from './passkey';
import { PasskeyEnrolmentService } from './passkey-enrolment.service';
import { PasskeyLoginService } from './passkey-login.service';
import { PasskeySecondFactorService } from './passkey-second-factor.service';
import { PasskeyStepUpService } from './passkey-step-up.service';

/** sallyport.passkeys.v1.PasskeyService. */
@Controller()
export class PasskeysController {
  constructor(
    private readonly enrolment: PasskeyEnrolmentService,
    private readonly own: OwnPasskeysService,
    private readonly logins: PasskeyLoginService,
    private readonly secondFactor: PasskeySecondFactorService,
    private readonly stepUp: PasskeyStepUpService,
  ) {}

  @RpcMethod(passkeysV1.PasskeyServiceDefinition, 'beginEnrolment')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async beginEnrolment(
    _request: passkeysV1.BeginEnrolmentRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<passkeysV1.BeginEnrolmentResponse> {
    return toWire(await this.enrolment.begin(principal));
  }

  @RpcMethod(passkeysV1.PasskeyServiceDefinition, 'enrol')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async enrol(
    { credential, name }: passkeysV1.EnrolRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<passkeysV1.EnrolResponse> {
    const presented = { credential, name, clientAddress };
    const { passkey, recoveryCodes } = await this.enrolment.enrol(principal, presented);
    return { passkey: toPasskey(passkey), recoveryCodes: [...recoveryCodes] };
  }

  @RpcMethod(passkeysV1.PasskeyServiceDefinition, 'listPasskeys')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async list(
    _request: passkeysV1.ListPasskeysRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<passkeysV1.ListPasskeysResponse> {
    return { passkeys: (await this.own.list(principal)).map(toPasskey) };
  }

  @RpcMethod(passkeysV1.PasskeyServiceDefinition, 'renamePasskey')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async rename(
    { id, name }: passkeysV1.RenamePasskeyRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<passkeysV1.RenamePasskeyResponse> {
    return { passkey: toPasskey(await this.own.rename(principal, id, name)) };
  }

  @RpcMethod(passkeysV1.PasskeyServiceDefinition, 'removePasskey')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async remove(
    { id, password }: passkeysV1.RemovePasskeyRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<passkeysV1.RemovePasskeyResponse> {
    await this.own.remove(principal, { id, password, clientAddress });
    return {};
  }

  @RpcMethod(passkeysV1.PasskeyServiceDefinition, 'beginLogin')
  @AllowCallers('gateway')
  @Public()
  async beginLogin(): Promise<passkeysV1.BeginLoginResponse> {
    return toWire(await this.logins.begin());
  }

  @RpcMethod(passkeysV1.PasskeyServiceDefinition, 'loginByPasskey')
  @AllowCallers('gateway')
  @Public()
  async login(
    { credential, deviceTokens, userAgent: presented }: passkeysV1.LoginByPasskeyRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<passkeysV1.LoginByPasskeyResponse> {
    const userAgent = userAgentOf(presented);
    const assertion = { credential, clientAddress, userAgent, deviceTokens };
    return { tokens: await this.logins.logIn(assertion) };
  }

  @RpcMethod(passkeysV1.PasskeyServiceDefinition, 'beginSecondFactor')
  @AllowCallers('gateway')
  @Public()
  async beginSecondFactor(
    { mfaToken }: passkeysV1.BeginSecondFactorRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<passkeysV1.BeginSecondFactorResponse> {
    return toWire(await this.secondFactor.begin(mfaToken, clientAddress));
  }

  @RpcMethod(passkeysV1.PasskeyServiceDefinition, 'beginStepUp')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async beginStepUp(
    _request: passkeysV1.BeginStepUpRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<passkeysV1.BeginStepUpResponse> {
    return toWire(await this.stepUp.begin(principal));
  }

  @RpcMethod(passkeysV1.PasskeyServiceDefinition, 'stepUpByPasskey')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async authenticateAgain(
    { credential, userAgent: presented }: passkeysV1.StepUpByPasskeyRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<passkeysV1.StepUpByPasskeyResponse> {
    const userAgent = userAgentOf(presented);
    return this.stepUp.complete(principal, { credential, clientAddress, userAgent });
  }
}

function toWire({ options, expiresIn }: { readonly options: object; readonly expiresIn: number }) {
  return { options: JSON.stringify(options), expiresIn };
}

function toPasskey(passkey: Passkey): passkeysV1.Passkey {
  return {
    id: passkey.id,
    name: passkey.name,
    authenticator: authenticatorOf(passkey),
    synced: passkey.backupEligible,
    backedUp: passkey.backedUp,
    createdAt: passkey.createdAt,
    lastUsedAt: passkey.lastUsedAt,
    suspectedClone: passkey.suspectedCloneAt !== undefined,
  };
}
