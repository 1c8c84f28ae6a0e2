import { Module } from '@nestjs/common';
import { repeated } from '@sallyport/nest-zero-trust';
import { LOGGER } from '../app.tokens';
import { MailDelivery } from './mail-delivery';
import { MailOutbox } from './mail-outbox';
import { OwnerNotices } from './owner-notices';

/** For whoever has something to write to an account. */
@Module({ providers: [MailOutbox, OwnerNotices], exports: [MailOutbox, OwnerNotices] })
export class MailModule {}

/** For the service that runs, and not for a command beside it: sends what is written. */
@Module({ imports: [MailModule], providers: repeated(MailDelivery, LOGGER) })
export class MailDeliveryModule {}
