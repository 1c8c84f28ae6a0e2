import { Inject, Injectable } from '@nestjs/common';
import type { RecordedRevocation } from '@sallyport/revocation';
import { sql } from 'kysely';
import { AccountsRepository } from '../accounts/accounts.repository';
import { endApiKeys } from '../api-keys/ended-api-keys';
import type { EndedApiKey } from '../api-keys/ended-api-keys';
import { forgetDevices } from '../devices/forget-devices';
import { MailOutbox } from '../mail/mail-outbox';
import { removeSecondFactors } from '../mfa/remove-second-factors';
import { SecondFactors } from '../mfa/second-factors';
import {
  PasswordResetsRepository,
  RESET_LIFETIME_SECONDS,
} from '../password-resets/password-resets.repository';
import { newResetToken } from '../password-resets/reset-token';
import { haveNeedPassword } from '../passkeys/have-need-password';
import { PASSWORD_HASHING } from '../passwords/password-hashing';
import type { PasswordHashing } from '../passwords/password-hashing';
import { laterBy, recordRevocation } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import type { EndedSession } from '../sessions/ended-sessions';
import { SessionEndsRepository } from '../sessions/session-ends.repository';
import { forgetWhatIsUnderWay } from './forget-what-is-under-way';
import { NotMeLinksRepository } from './not-me-links.repository';

/** How an account is secured. */
export interface Securing {
  readonly now: Date;
  /** Of the sessions: by their owner, or by an operator. */
  readonly reason: 'password_changed' | 'ended_by_operator';
  /** Whether to take away the second factors, all of which somebody else may have put in use. */
  readonly removesFactors: boolean;
}

/** What has ended, and what the gateways are to be told. */
export interface Secured {
  readonly sessions: readonly EndedSession[];
  readonly apiKeys: readonly EndedApiKey[];
  readonly hasRemovedFactors: boolean;
  readonly revocations: readonly RecordedRevocation[];
}

/**
 * Takes an account out of the hands of whoever else has got into it: what it has given out ends, its password is unusable,
 * and a link for a new one goes to its owner, to whom all the rest stays: passkeys for after the password, until then.
 */
@Injectable()
export class AccountSecuring {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly ends: SessionEndsRepository,
    private readonly resets: PasswordResetsRepository,
    private readonly links: NotMeLinksRepository,
    private readonly outbox: MailOutbox,
    private readonly secondFactors: SecondFactors,
    @Inject(PASSWORD_HASHING) private readonly passwords: PasswordHashing,
  ) {}

  /** Undefined when there is no such account. The account's row is locked first, as by all that changes credentials. */
  async secure(
    transaction: AuthConnection,
    id: string,
    { now, reason, removesFactors }: Securing,
  ): Promise<Secured | undefined> {
    const { unmatchable } = this.passwords;
    const issuedBefore = await this.accounts.voidPassword(transaction, id, { unmatchable, now });
    if (issuedBefore === undefined) return undefined;
    const sessions = await this.ends.all(id, { reason, now }, transaction);
    const ofAccount = sql`account_id = ${id}`;
    const apiKeys = await endApiKeys(transaction, ofAccount, { reason: 'api_key_revoked', now });
    const epoch = await recordRevocation(transaction, {
      ...{ kind: 'subject', revokedId: id, issuedBefore },
      ...{ reason: 'account_reported_compromised', recordedAt: now },
    });
    await forgetWhatIsUnderWay(transaction, id);
    await forgetDevices(transaction, id);
    await haveNeedPassword(transaction, id);
    await this.links.endAll(transaction, id, now);
    const hasRemovedFactors = removesFactors && (await this.removeFactors(transaction, id));
    await this.sendReset(transaction, id, { hasRemovedFactors, now });
    return {
      sessions: sessions.sessions,
      apiKeys: apiKeys.apiKeys,
      hasRemovedFactors,
      revocations: [...sessions.revocations, ...apiKeys.revocations, epoch],
    };
  }

  private async removeFactors(transaction: AuthConnection, id: string): Promise<boolean> {
    const hadAny = await this.secondFactors.areInUse(id, transaction);
    if (hadAny) await removeSecondFactors(transaction, id);
    return hadAny;
  }

  /** In the place of any link of before. */
  private async sendReset(
    transaction: AuthConnection,
    accountId: string,
    { hasRemovedFactors, now }: { readonly hasRemovedFactors: boolean; readonly now: Date },
  ): Promise<void> {
    const secret = newResetToken();
    const expiresAt = laterBy(now, RESET_LIFETIME_SECONDS);
    const kind = hasRemovedFactors ? 'account_secured_factors_removed' : 'account_secured';
    await this.resets.open(transaction, accountId, secret, { now, expiresAt });
    await this.outbox.add(transaction, { accountId, kind, secret, now, expiresAt });
  }
}
