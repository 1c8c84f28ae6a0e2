import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module';
import { PasskeyStoreModule } from '../passkeys/passkey-store.module';
import { PasskeysRepository } from '../passkeys/passkeys.repository';
import { PhoneFactorKind } from '../sms/phone-factor-kind';
import { PhoneFactorsRepository } from '../sms/phone-factors.repository';
import { PhoneResealing } from '../sms/phone-resealing';
import { SmsCodeCheck } from '../sms/sms-code-check';
import { SmsCodesRepository } from '../sms/sms-codes.repository';
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
  imports: [MailModule, PasskeyStoreModule],
  providers: [
    TotpFactorsRepository,
    PhoneFactorsRepository,
    PhoneFactorKind,
    SmsCodesRepository,
    SmsCodeCheck,
    PhoneResealing,
    {
      provide: FACTOR_KINDS,
      useFactory: (...kinds: FactorKind[]) => kinds,
      inject: [TotpFactorsRepository, PasskeysRepository, PhoneFactorKind],
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
    PasskeyStoreModule,
    TotpFactorsRepository,
    PhoneFactorsRepository,
    SmsCodesRepository,
    SmsCodeCheck,
    PhoneResealing,
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
