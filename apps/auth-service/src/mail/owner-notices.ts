import { Injectable } from '@nestjs/common';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import type { NoticeDetails, NoticeKind } from './mail-kind';
import { MailOutbox } from './mail-outbox';

/** Three days: for so long it is worth telling somebody what happened. */
const USEFUL_FOR_SECONDS = 3 * 24 * 60 * 60;

/** What an owner is told. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly now: Date;
  readonly details?: NoticeDetails;
}

/** Tells owners what became of their password and their second factors, and who signs in or tries to (SP 800-63B-4 section 4.6). */
@Injectable()
export class OwnerNotices {
  constructor(private readonly outbox: MailOutbox) {}

  /** Has a notice sent if, and only if, the transaction is committed. */
  async send(
    transaction: AuthConnection,
    accountId: string,
    { kind, now, details }: Notice,
  ): Promise<void> {
    const expiresAt = laterBy(now, USEFUL_FOR_SECONDS);
    await this.outbox.add(transaction, { accountId, kind, details, now, expiresAt });
  }
}
