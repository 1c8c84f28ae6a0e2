import { Module } from '@nestjs/common';
import { AccountSecurityModule } from '../account-security/account-security.module';
import { AccountsModule } from '../accounts/accounts.module';
import { RevocationsModule } from '../revocations/revocations.module';
import { SessionsModule } from '../sessions/sessions.module';
import { SigningKeysModule } from '../signing-keys/signing-keys.module';
import { AccountControlController } from './account-control.controller';
import { AccountControlService } from './account-control.service';
import { KeyTaintingService } from './key-tainting.service';
import { SigningKeysController } from './signing-keys.controller';
import { TokenExplanationService } from './token-explanation.service';

/** What operators do, through the gateway or at the command line of the service. */
@Module({
  imports: [
    AccountsModule,
    AccountSecurityModule,
    SessionsModule,
    SigningKeysModule,
    RevocationsModule,
  ],
  controllers: [SigningKeysController, AccountControlController],
  providers: [AccountControlService, KeyTaintingService, TokenExplanationService],
  exports: [AccountControlService, KeyTaintingService, TokenExplanationService],
})
export class OperatorsModule {}
