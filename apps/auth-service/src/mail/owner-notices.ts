import { Injectable } from '@nestjs/common';
import { NotMeLinksRepository } from '../account-security/not-me-links.repository';
import { hasSecondFactor } from '../mfa/has-second-factor';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { newLinkToken } from './link-token';
import type { NoticeDetails, NoticeKind } from './mail-kind';
import { MailOutbox } from './mail-outbox';

/** Three days: for so long it is worth telling somebody what happened. */
const USEFUL_FOR_SECONDS = 3 * 24 * 60 * 60;

/** What an owner is told. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly now: Date;
  readonly details?: NoticeDetails;
  /** Whether the account had a second factor before that, when it may have been the change. */
  readonly hadSecondFactor?: boolean;
}

/**
 * Tells owners what became of their password and their second factors, and who signs in or tries to (SP 800-63B-4 section
 * 4.6). Every notice brings a link by which its owner says that it was not them.
 */
@Injectable()
export class OwnerNotices {
  constructor(
    private readonly outbox: MailOutbox,
    private readonly links: NotMeLinksRepository,
  ) {}

  /** Has a notice sent if, and only if, the transaction is committed. */
  async send(
    transaction: AuthConnection,
    accountId: string,
    { kind, now, details, hadSecondFactor = true }: Notice,
  ): Promise<void> {
    const token = newLinkToken();
    await this.links.open(transaction, token, {
      accountId,
      now,
      hadSecondFactor: hadSecondFactor && (await hasSecondFactor(transaction, accountId)),
    });
    const expiresAt = laterBy(now, USEFUL_FOR_SECONDS);
    const secret = token;
    await this.outbox.add(transaction, { accountId, kind, secret, details, now, expiresAt });
  }
}
