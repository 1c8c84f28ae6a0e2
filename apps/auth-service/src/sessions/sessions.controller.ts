import { Controller } from '@nestjs/common';
import { authV1 } from '@sallyport/contracts';
import { AllowCallers, ClientAddress, Public, RpcMethod } from '@sallyport/nest-zero-trust';
import { SessionsService } from './sessions.service';
import { TokenRevocationService } from './token-revocation.service';
import { userAgentOf } from './user-agent';

/** The part of sallyport.auth.v1.AuthService that acts on the session of a token that is presented. */
@Controller()
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly revocation: TokenRevocationService,
  ) {}

  @RpcMethod(authV1.AuthServiceDefinition, 'refresh')
  @AllowCallers('gateway')
  @Public()
  async refresh(
    { refreshToken, userAgent }: authV1.RefreshRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.RefreshResponse> {
    const origin = { clientAddress, userAgent: userAgentOf(userAgent) };
    return { tokens: await this.sessions.refresh(refreshToken, origin) };
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'logout')
  @AllowCallers('gateway')
  @Public()
  async logout(
    { refreshToken }: authV1.LogoutRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.LogoutResponse> {
    await this.sessions.logOut(refreshToken, { clientAddress, userAgent: undefined });
    return {};
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'revokeToken')
  @AllowCallers('gateway')
  @Public()
  async revokeToken(
    { token }: authV1.RevokeTokenRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.RevokeTokenResponse> {
    await this.revocation.revoke(token, { clientAddress, userAgent: undefined });
    return {};
  }
}
