import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { MfaModule } from '../mfa/mfa.module';
import { PhoneEnrolmentService } from './phone-enrolment.service';
import { SmsMessages } from './sms-messages.service';
import { SmsSignInService } from './sms-sign-in.service';
import { SmsController } from './sms.controller';

/** Signing in with codes by text message, and what their owners do with their numbers. */
@Module({
  imports: [AccountsModule, MfaModule],
  controllers: [SmsController],
  providers: [SmsMessages, SmsSignInService, PhoneEnrolmentService],
  exports: [SmsSignInService],
})
export class SmsModule {}
