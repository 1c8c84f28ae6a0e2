import { Controller } from '@nestjs/common';
import { authV1 } from '@sallyport/contracts';
import { AllowCallers, ClientAddress, Public, RpcMethod } from '@sallyport/nest-zero-trust';
import { PasswordResetService } from './password-reset.service';
import { ResetRequestsService } from './reset-requests.service';

/** The part of sallyport.auth.v1.AuthService for people who have forgotten their password. */
@Controller()
export class PasswordResetsController {
  constructor(
    private readonly requests: ResetRequestsService,
    private readonly resets: PasswordResetService,
  ) {}

  @RpcMethod(authV1.AuthServiceDefinition, 'requestPasswordReset')
  @AllowCallers('gateway')
  @Public()
  async request(
    { email }: authV1.RequestPasswordResetRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.RequestPasswordResetResponse> {
    await this.requests.request(email, clientAddress);
    return {};
  }

  @RpcMethod(authV1.AuthServiceDefinition, 'resetPassword')
  @AllowCallers('gateway')
  @Public()
  async reset(
    { token, newPassword: password }: authV1.ResetPasswordRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.ResetPasswordResponse> {
    await this.resets.reset({ token, password, clientAddress });
    return {};
  }
}
