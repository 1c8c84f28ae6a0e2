import { Controller } from '@nestjs/common';
import { authV1 } from '@sallyport/contracts';
import { AllowCallers, ClientAddress, Public, RpcMethod } from '@sallyport/nest-zero-trust';
import { SessionsService } from './sessions.service';

/** The part of sallyport.auth.v1.AuthService that acts on the session of a refresh token. */
@Controller()
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @RpcMethod(authV1.AuthServiceDefinition, 'refresh')
  @AllowCallers('gateway')
  @Public()
  async refresh(
    request: authV1.RefreshRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.RefreshResponse> {
    return { tokens: await this.sessions.refresh(request.refreshToken, clientAddress) };
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'logout')
  @AllowCallers('gateway')
  @Public()
  async logout(
    request: authV1.LogoutRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.LogoutResponse> {
    await this.sessions.logOut(request.refreshToken, clientAddress);
    return {};
  }
}
