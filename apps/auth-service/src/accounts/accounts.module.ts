import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/sessions.module';
import { AccountSeeding } from './account-seeding';
import { AccountsController } from './accounts.controller';
import { AccountsRepository } from './accounts.repository';
import { AccountsService } from './accounts.service';
import { LoginService } from './login.service';
import { RegistrationService } from './registration.service';

@Module({
  imports: [SessionsModule],
  controllers: [AccountsController],
  providers: [
    AccountsService,
    RegistrationService,
    LoginService,
    AccountSeeding,
    AccountsRepository,
  ],
})
export class AccountsModule {}
