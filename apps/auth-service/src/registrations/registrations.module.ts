import { Module } from '@nestjs/common';
import { repeated } from '@sallyport/nest-zero-trust';
import { AccountsModule } from '../accounts/accounts.module';
import { LOGGER } from '../app.tokens';
import { MailModule } from '../mail/mail.module';
import { SessionsModule } from '../sessions/sessions.module';
import { PendingRegistrationsRepository } from './pending-registrations.repository';
import { RegistrationConfirmationService } from './registration-confirmation.service';
import { RegistrationPagesController } from './registration-pages.controller';
import { RegistrationRequestHandling } from './registration-request-handling';
import { RegistrationRequestsRepository } from './registration-requests.repository';
import { RegistrationsController } from './registrations.controller';

/** For people who answer the mail about their registration, and for sending it. */
@Module({
  imports: [AccountsModule, SessionsModule, MailModule],
  controllers: [RegistrationsController, RegistrationPagesController],
  providers: [
    PendingRegistrationsRepository,
    RegistrationConfirmationService,
    ...repeated(RegistrationRequestHandling, LOGGER),
    RegistrationRequestsRepository,
  ],
})
export class RegistrationsModule {}
