import { Module } from '@nestjs/common';
import { repeated } from '@sallyport/nest-zero-trust';
import { LOGGER } from '../app.tokens';
import { MailModule } from '../mail/mail.module';
import { DevicePruning } from './device-pruning';
import { DevicesRepository } from './devices.repository';
import { TrustedDevices } from './trusted-devices.service';

/** The devices that accounts are signed in to from. */
@Module({
  imports: [MailModule],
  providers: [DevicesRepository, TrustedDevices, ...repeated(DevicePruning, LOGGER)],
  exports: [TrustedDevices],
})
export class DevicesModule {}
