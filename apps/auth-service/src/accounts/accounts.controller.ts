import { Controller } from '@nestjs/common';
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
import { AccountsService } from './accounts.service';
import { LoginService } from './login.service';
import { RegistrationService } from './registration.service';

/** The part of sallyport.auth.v1.AuthService that acts on accounts. */
@Controller()
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly registration: RegistrationService,
    private readonly login: LoginService,
  ) {}

  @RpcMethod(authV1.AuthServiceDefinition, 'register')
  @AllowCallers('gateway')
  @Public()
  async register(
    { email, password }: authV1.RegisterRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.RegisterResponse> {
    return { tokens: await this.registration.register({ email, password, clientAddress }) };
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'login')
  @AllowCallers('gateway')
  @Public()
  async logIn(
    { email, password }: authV1.LoginRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.LoginResponse> {
    return { tokens: await this.login.logIn({ email, password, clientAddress }) };
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
}
