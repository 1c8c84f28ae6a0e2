import { Module } from '@nestjs/common';
import { NotMeLinksRepository } from '../account-security/not-me-links.repository';
import { repeated } from '@sallyport/nest-zero-trust';
import { LOGGER } from '../app.tokens';
import { MailDelivery } from './mail-delivery';
import { MailOutbox } from './mail-outbox';
import { OwnerNotices } from './owner-notices';

/** For whoever has something to write to an account. */
@Module({
  providers: [MailOutbox, OwnerNotices, NotMeLinksRepository],
  exports: [MailOutbox, OwnerNotices, NotMeLinksRepository],
})
export class MailModule {}

/** For the service that runs, and not for a command beside it: sends what is written. */
@Module({ imports: [MailModule], providers: repeated(MailDelivery, LOGGER) })
export class MailDeliveryModule {}
