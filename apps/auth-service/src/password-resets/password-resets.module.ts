import { Module } from '@nestjs/common';
import { repeated } from '@sallyport/nest-zero-trust';
import { AccountsModule } from '../accounts/accounts.module';
import { LOGGER } from '../app.tokens';
import { MailModule } from '../mail/mail.module';
import { SecondFactorsModule } from '../mfa/second-factors.module';
import { RevocationsModule } from '../revocations/revocations.module';
import { SessionsModule } from '../sessions/sessions.module';
import { PasswordResetService } from './password-reset.service';
import { PasswordResetsController } from './password-resets.controller';
import { ResetPagesController } from './reset-pages.controller';
import { ResetRequestHandling } from './reset-request-handling';
import { ResetRequestsRepository } from './reset-requests.repository';
import { ResetRequestsService } from './reset-requests.service';

/** For people who have forgotten their password. */
@Module({
  imports: [AccountsModule, SessionsModule, RevocationsModule, MailModule, SecondFactorsModule],
  controllers: [PasswordResetsController, ResetPagesController],
  providers: [
    ResetRequestsService,
    ResetRequestsRepository,
    ...repeated(ResetRequestHandling, LOGGER),
    PasswordResetService,
  ],
})
export class PasswordResetsModule {}
