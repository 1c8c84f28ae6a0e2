import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module';
import { FACTOR_KINDS } from './factor-kind';
import type { FactorKind } from './factor-kind';
import { MfaChallengesRepository } from './mfa-challenges.repository';
import { MfaRequirement } from './mfa-required';
import { OwnCredentialsService } from './own-credentials.service';
import { RecoveryCodesRepository } from './recovery-codes.repository';
import { SecondFactorCodes } from './second-factor-codes';
import { SecondFactors } from './second-factors';
import { TotpFactorsRepository } from './totp-factors.repository';
import { TotpResealing } from './totp-resealing';

/** The second factors as they are stored and checked; who signs in depends on it, and it on nobody. */
@Module({
  imports: [MailModule],
  providers: [
    TotpFactorsRepository,
    {
      provide: FACTOR_KINDS,
      useFactory: (...kinds: FactorKind[]) => kinds,
      inject: [TotpFactorsRepository],
    },
    SecondFactors,
    RecoveryCodesRepository,
    MfaChallengesRepository,
    SecondFactorCodes,
    OwnCredentialsService,
    MfaRequirement,
    TotpResealing,
  ],
  exports: [
    TotpFactorsRepository,
    SecondFactors,
    RecoveryCodesRepository,
    MfaChallengesRepository,
    SecondFactorCodes,
    OwnCredentialsService,
    MfaRequirement,
    TotpResealing,
  ],
})
export class SecondFactorsModule {}
