import { Controller, Inject } from '@nestjs/common';
import { authV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  ClientAddress,
  CurrentPrincipal,
  Public,
  RequirePrincipal,
  RpcMethod,
} from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { MfaRequired } from '../mfa/mfa-required';
import { REGISTRATION_POLICY } from '../registrations/registration-policy';
import type { RegistrationPolicy } from '../registrations/registration-policy';
import { RegistrationRequestsService } from '../registrations/registration-requests.service';
import { userAgentOf } from '../sessions/user-agent';
import { AccountsService } from './accounts.service';
import { LoginService } from './login.service';
import { PasswordChangeService } from './password-change.service';
import { RegistrationService } from './registration.service';

/** The part of sallyport.auth.v1.AuthService that acts on accounts. */
@Controller()
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly registration: RegistrationService,
    private readonly registrationRequests: RegistrationRequestsService,
    @Inject(REGISTRATION_POLICY) private readonly registrationPolicy: RegistrationPolicy,
    private readonly login: LoginService,
    private readonly passwordChange: PasswordChangeService,
  ) {}

  @RpcMethod(authV1.AuthServiceDefinition, 'register')
  @AllowCallers('gateway')
  @Public()
  async register(
    { email, password, userAgent: presented }: authV1.RegisterRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.RegisterResponse> {
    const userAgent = userAgentOf(presented);
    if (this.registrationPolicy === 'confirmed') {
      await this.registrationRequests.request({ email, password, clientAddress });
      return { tokens: undefined };
    }
    const credentials = { email, password, clientAddress, userAgent };
    return { tokens: await this.registration.register(credentials) };
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'login')
  @AllowCallers('gateway')
  @Public()
  async logIn(
    { email, password, userAgent: presented }: authV1.LoginRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.LoginResponse> {
    const userAgent = userAgentOf(presented);
    const credentials = { email, password, clientAddress, userAgent };
    const outcome = await this.login.logIn(credentials);
    if (!(outcome instanceof MfaRequired)) return { tokens: outcome, mfaChallenge: undefined };
    const { token: mfaToken, expiresIn, methods } = outcome;
    return { tokens: undefined, mfaChallenge: { mfaToken, expiresIn, methods: [...methods] } };
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'getAccount')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async getAccount(
    _request: authV1.GetAccountRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<authV1.GetAccountResponse> {
    const { id, email, scopes, createdAt } = await this.accounts.own(principal);
    return { id, email, scopes: [...scopes], createdAt };
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'changePassword')
  @AllowCallers('gateway')
  @RequirePrincipal()
  async changePassword(
    request: authV1.ChangePasswordRequest,
    @CurrentPrincipal() principal: Principal,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.ChangePasswordResponse> {
    const { currentPassword, newPassword } = request;
    const userAgent = userAgentOf(request.userAgent);
    const presented = { currentPassword, newPassword, clientAddress, userAgent };
    return { tokens: await this.passwordChange.change(principal, presented) };
  }
}
