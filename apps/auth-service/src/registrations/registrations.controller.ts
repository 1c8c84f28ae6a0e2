import { Controller } from '@nestjs/common';
import { authV1 } from '@sallyport/contracts';
import {
  AllowCallers,
  ClientAddress,
  Public,
  RpcMethod,
  ServiceError,
} from '@sallyport/nest-zero-trust';
import { PASSWORD_AUTHENTICATION } from '../accounts/credentials';
import { SessionsService } from '../sessions/sessions.service';
import { userAgentOf } from '../sessions/user-agent';
import { RegistrationConfirmationService } from './registration-confirmation.service';

/** The part of sallyport.auth.v1.AuthService for people who answer the mail about their registration. */
@Controller()
export class RegistrationsController {
  constructor(
    private readonly confirmations: RegistrationConfirmationService,
    private readonly sessions: SessionsService,
  ) {}

  @RpcMethod(authV1.AuthServiceDefinition, 'confirmRegistration')
  @AllowCallers('gateway')
  @Public()
  async confirm(
    { token, password, deviceTokens, userAgent: presented }: authV1.ConfirmRegistrationRequest,
    @ClientAddress() clientAddress: string | undefined,
  ): Promise<authV1.ConfirmRegistrationResponse> {
    const account = await this.confirmations.confirm({ token, password, clientAddress });
    const userAgent = userAgentOf(presented);
    const origin = { clientAddress, userAgent, deviceTokens, isExpected: true };
    const tokens = await this.sessions.open(account, PASSWORD_AUTHENTICATION, origin);
    // Locked in the moment since it was created; its owner has no session to open.
    if (!tokens) throw new ServiceError('INVALID_ARGUMENT', 'registration_confirmation_refused');
    return { tokens };
  }
}
