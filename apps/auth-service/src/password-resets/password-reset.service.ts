import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { RecordedRevocation } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import { OwnerNotices } from '../mail/owner-notices';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { forgetDevices } from '../devices/forget-devices';
import { MfaRequirement } from '../mfa/mfa-required';
import { NewPasswords } from '../passwords/new-passwords.service';
import { PASSWORD_HASHING } from '../passwords/password-hashing';
import type { PasswordHashing } from '../passwords/password-hashing';
import { RevocationsService } from '../revocations/revocations.service';
import { SessionEndsRepository } from '../sessions/session-ends.repository';
import { ATTEMPT_THROTTLE } from '../throttling/attempt-throttle';
import type { AttemptThrottle } from '../throttling/attempt-throttle';
import { PasswordResetsRepository } from './password-resets.repository';
import { parseResetToken } from './reset-token';
import type { ResetToken } from './reset-token';

/** What somebody who has a link sends, as it arrived. */
export interface PresentedReset {
  readonly token: string;
  readonly password: string;
  readonly clientAddress: string | undefined;
}

/** Undoes the reset: another one came first. */
class ResetLost extends Error {
  override readonly name = 'ResetLost';
}

/** Replaces a forgotten password by a link that was sent to the account's address. */
@Injectable()
export class PasswordResetService {
  constructor(
    private readonly resets: PasswordResetsRepository,
    private readonly accounts: AccountsRepository,
    private readonly newPasswords: NewPasswords,
    private readonly notices: OwnerNotices,
    private readonly secondFactor: MfaRequirement,
    private readonly ends: SessionEndsRepository,
    private readonly revocations: RevocationsService,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(ATTEMPT_THROTTLE) private readonly throttle: AttemptThrottle,
    @Inject(PASSWORD_HASHING) private readonly passwords: PasswordHashing,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Sets a new password, ends every session of the account with its tokens, and has its owner told: all or nothing, once.
   * Opens no session: whoever has the link signs in with the new password, and with a second factor where there is one.
   * A password that the policy refuses leaves the link as it is, and so does the one that was given up because others may
   * know it.
   *
   * @throws ServiceError INVALID_ARGUMENT `password_reset_refused` for every link that does not work, whatever the reason,
   * `password_compromised` for the password that was given up;
   * UNAVAILABLE `dependency_unavailable` when the ends cannot be made known to the gateways; and what {@link NewPasswords}
   * and hashing throw.
   */
  async reset({ token: presented, password, clientAddress }: PresentedReset): Promise<void> {
    this.revocations.requireFeed();
    const token = parseResetToken(presented);
    if (token === undefined) throw this.refuse('password_reset_unknown', clientAddress);
    const account = await this.ownerOf(token, clientAddress);
    // After the account was read: a factor that is removed from now on undoes the reset.
    const hasSecondFactor = await this.secondFactor.isFor(account.id);
    const chosen = this.newPasswords.parse(password, { email: account.email, hasSecondFactor });
    await this.newPasswords.requireUnbreached(chosen);
    const compromised = await this.accounts.compromisedHash(account.id);
    if (compromised !== undefined && (await this.passwords.verify(chosen, compromised))) {
      throw new ServiceError('INVALID_ARGUMENT', 'password_compromised');
    }
    const passwordHash = await this.passwords.hash(chosen);
    // Whoever forgot a password has tried some: they may go on with the new one at once.
    await this.throttle.forgetFailures({ email: account.email, clientAddress });

    const revoked = await this.resetAtOnce(token, account, passwordHash);
    if (revoked === undefined) throw this.refuse('password_reset_used', clientAddress, account.id);
    this.events.record({
      type: 'account',
      outcome: 'succeeded',
      reason: 'password_reset',
      principal: account.id,
      clientAddress,
    });
    await this.revocations.deliver(revoked);
  }

  private async ownerOf(token: ResetToken, clientAddress: string | undefined): Promise<Account> {
    const reset = await this.resets.find(token, this.clock());
    if (reset === undefined) throw this.refuse('password_reset_unknown', clientAddress);
    const { accountId, refusal } = reset;
    if (refusal !== undefined) {
      throw this.refuse(`password_reset_${refusal}`, clientAddress, accountId);
    }
    const account = await this.accounts.findById(accountId);
    if (!account || account.lockedAt) {
      throw this.refuse('account_locked', clientAddress, accountId);
    }
    return account;
  }

  /** Undefined when the link was used, the password changed or the account locked meanwhile. */
  private async resetAtOnce(
    token: ResetToken,
    account: Account,
    passwordHash: string,
  ): Promise<readonly RecordedRevocation[] | undefined> {
    const now = this.clock();
    try {
      return await this.database.db.transaction().execute(async (transaction) => {
        // In the order in which a change of the password takes the rows, so that the two do not deadlock.
        if (!(await this.accounts.setPassword(transaction, account, { passwordHash, now }))) {
          throw new ResetLost();
        }
        if (!(await this.resets.use(transaction, token, now))) throw new ResetLost();
        const ended = await this.ends.all(
          account.id,
          { reason: 'password_changed', now },
          transaction,
        );
        await forgetDevices(transaction, account.id);
        await this.notices.send(transaction, account.id, { kind: 'password_was_reset', now });
        return ended.revocations;
      });
    } catch (error) {
      if (error instanceof ResetLost) return undefined;
      throw error;
    }
  }

  /** One answer for all; only the event tells them apart. */
  private refuse(
    reason: string,
    clientAddress: string | undefined,
    principal?: string,
  ): ServiceError {
    this.events.record({
      type: 'account',
      outcome: 'refused',
      reason,
      ...(principal !== undefined && { principal }),
      clientAddress,
    });
    return new ServiceError('INVALID_ARGUMENT', 'password_reset_refused');
  }
}
