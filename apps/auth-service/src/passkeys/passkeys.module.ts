import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { MfaModule } from '../mfa/mfa.module';
import { SessionsModule } from '../sessions/sessions.module';
import { OwnPasskeysService } from './own-passkeys.service';
import { PasskeyEnrolmentService } from './passkey-enrolment.service';
import { PasskeyLoginService } from './passkey-login.service';
import { PasskeySecondFactorService } from './passkey-second-factor.service';
import { PasskeyStepUpService } from './passkey-step-up.service';
import { PasskeysController } from './passkeys.controller';

/** Signing in with passkeys, and what their owners do with them. */
@Module({
  imports: [AccountsModule, SessionsModule, MfaModule],
  controllers: [PasskeysController],
  providers: [
    PasskeyEnrolmentService,
    OwnPasskeysService,
    PasskeyLoginService,
    PasskeySecondFactorService,
    PasskeyStepUpService,
  ],
  exports: [PasskeyEnrolmentService, OwnPasskeysService, PasskeyLoginService],
})
export class PasskeysModule {}
