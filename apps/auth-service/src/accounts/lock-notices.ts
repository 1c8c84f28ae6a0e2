import { Inject, Injectable } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { NoticeKind } from '../mail/mail-kind';
import { OwnerNotices } from '../mail/owner-notices';
import type { Attempt } from '../throttling/attempt-throttle';
import { AccountsRepository } from './accounts.repository';

/** Tells owners that their account is locked for a while, because of what others have tried. */
@Injectable()
export class LockNotices {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly notices: OwnerNotices,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * After the last attempt has failed, which there is one of in a lock: one mail and one event. For an address without an
   * account the same look-up is made, and nobody told.
   */
  async send(
    { email, clientAddress }: Attempt,
    kind: Extract<NoticeKind, 'password_sign_in_locked' | 'second_factor_locked'>,
  ): Promise<void> {
    const now = this.clock();
    const account = await this.database.db.transaction().execute(async (transaction) => {
      const found = await this.accounts.findForUpdate(transaction, email);
      if (found) await this.notices.send(transaction, found.id, { kind, now });
      return found;
    });
    if (!account) return;
    const principal = account.id;
    this.events.record({
      type: 'account',
      outcome: 'succeeded',
      reason: kind,
      principal,
      clientAddress,
    });
  }
}
