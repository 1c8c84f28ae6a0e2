import { Module } from '@nestjs/common';
import { repeated } from '@sallyport/nest-zero-trust';
import { AccountsModule } from '../accounts/accounts.module';
import { LOGGER } from '../app.tokens';
import { RevocationsModule } from '../revocations/revocations.module';
import { SessionsModule } from '../sessions/sessions.module';
import { ChallengeEntry } from './challenge-entry';
import { FactorChanges } from './factor-changes';
import { FactorRemovals } from './factor-removals';
import { MfaPruning } from './mfa-pruning';
import { MfaController } from './mfa.controller';
import { OwnFactorsService } from './own-factors.service';
import { SecondFactorLoginService } from './second-factor-login.service';
import { SecondFactorsModule } from './second-factors.module';
import { StepUpService } from './step-up.service';
import { TotpEnrolmentService } from './totp-enrolment.service';

/** Signing in with a second factor, and what its owner does with it. */
@Module({
  imports: [AccountsModule, SessionsModule, RevocationsModule, SecondFactorsModule],
  controllers: [MfaController],
  providers: [
    FactorChanges,
    FactorRemovals,
    TotpEnrolmentService,
    OwnFactorsService,
    StepUpService,
    ChallengeEntry,
    SecondFactorLoginService,
    ...repeated(MfaPruning, LOGGER),
  ],
  exports: [
    FactorChanges,
    FactorRemovals,
    ChallengeEntry,
    SecondFactorLoginService,
    StepUpService,
    SecondFactorsModule,
  ],
})
export class MfaModule {}
