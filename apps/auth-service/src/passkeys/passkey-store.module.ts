import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module';
import { PasskeyAssertions } from './passkey-assertions';
import { PasskeysRepository } from './passkeys.repository';
import { WebauthnChallengesRepository } from './webauthn-challenges.repository';

/** Passkeys as they are stored and verified; who signs in depends on it, and it on nobody. */
@Module({
  imports: [MailModule],
  providers: [PasskeysRepository, WebauthnChallengesRepository, PasskeyAssertions],
  exports: [PasskeysRepository, WebauthnChallengesRepository, PasskeyAssertions],
})
export class PasskeyStoreModule {}
