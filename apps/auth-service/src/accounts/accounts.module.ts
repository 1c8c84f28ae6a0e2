import { Module } from '@nestjs/common';
import { SecondFactorsModule } from '../mfa/second-factors.module';
import { MailModule } from '../mail/mail.module';
import { PasswordResetsRepository } from '../password-resets/password-resets.repository';
import { NewPasswords } from '../passwords/new-passwords.service';
import { RegistrationRequestsRepository } from '../registrations/registration-requests.repository';
import { RegistrationRequestsService } from '../registrations/registration-requests.service';
import { RevocationsModule } from '../revocations/revocations.module';
import { SessionsModule } from '../sessions/sessions.module';
import { AccountSeeding } from './account-seeding';
import { AccountsController } from './accounts.controller';
import { AccountsRepository } from './accounts.repository';
import { AccountsService } from './accounts.service';
import { LoginService } from './login.service';
import { PasswordChangeService } from './password-change.service';
import { RegistrationService } from './registration.service';

@Module({
  imports: [SessionsModule, RevocationsModule, SecondFactorsModule, MailModule],
  controllers: [AccountsController],
  providers: [
    AccountsService,
    RegistrationService,
    RegistrationRequestsService,
    RegistrationRequestsRepository,
    LoginService,
    PasswordChangeService,
    AccountSeeding,
    AccountsRepository,
    NewPasswords,
    PasswordResetsRepository,
  ],
  exports: [
    MailModule,
    AccountsRepository,
    AccountsService,
    LoginService,
    NewPasswords,
    PasswordResetsRepository,
  ],
})
export class AccountsModule {}
