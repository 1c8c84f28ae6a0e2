import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Principal } from '@sallyport/principal';
import type { RecordedRevocation } from '@sallyport/revocation';
import type { Clock, SigningKey } from '@sallyport/tokens';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { forgetDevices } from '../devices/forget-devices';
import { MfaRequirement } from '../mfa/mfa-required';
import { OwnCredentialsService } from '../mfa/own-credentials.service';
import { PasswordResetsRepository } from '../password-resets/password-resets.repository';
import { NewPasswords } from '../passwords/new-passwords.service';
import { parsePresentedPassword } from '../passwords/password';
import { PASSWORD_HASHING } from '../passwords/password-hashing';
import type { PasswordHashing } from '../passwords/password-hashing';
import { RevocationsService } from '../revocations/revocations.service';
import type { SignInOrigin } from '../sessions/session';
import { authenticationOf } from '../sessions/session-authentication';
import { SessionEndsRepository } from '../sessions/session-ends.repository';
import type { Attempted } from '../sessions/sessions.repository';
import { SessionsService } from '../sessions/sessions.service';
import type { IssuedTokens } from '../tokens/issued-tokens';
import type { Account } from './account';
import { AccountsRepository } from './accounts.repository';
import { AccountsService } from './accounts.service';
import { OwnerNotices } from '../mail/owner-notices';

/** What somebody signed in sends to change their password, as it arrived. */
export interface PresentedPasswords extends SignInOrigin {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/** What the change is made with, once its owner has proved to be that. */
interface Proved {
  readonly passwordHash: string;
  readonly key: SigningKey;
  readonly origin: SignInOrigin;
}

interface Change {
  readonly tokens: IssuedTokens;
  readonly revocations: readonly RecordedRevocation[];
}

/** Undoes the change: another one came first, the calling session has ended, or the key was replaced. */
class ChangeLost extends Error {
  override readonly name = 'ChangeLost';

  constructor(readonly outcome?: 'key_changed') {
    super('the password change was not made');
  }
}

/** Changes passwords: with the new one, every session there was ends. */
@Injectable()
export class PasswordChangeService {
  constructor(
    private readonly own: AccountsService,
    private readonly accounts: AccountsRepository,
    private readonly sessions: SessionsService,
    private readonly ends: SessionEndsRepository,
    private readonly revocations: RevocationsService,
    private readonly newPasswords: NewPasswords,
    private readonly resets: PasswordResetsRepository,
    private readonly notices: OwnerNotices,
    private readonly secondFactor: MfaRequirement,
    private readonly credentials: OwnCredentialsService,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(PASSWORD_HASHING) private readonly passwords: PasswordHashing,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Sets a new password, ends every session of the account with its tokens, the calling one too, and a link by which the
   * password could be reset, has the owner told, and goes on in a new session: all or nothing. The new session says how and when
   * its owner authenticated as the calling one does: a password alone does not make up for a second factor.
   *
   * @throws ServiceError INVALID_ARGUMENT `password_too_long`; UNAUTHENTICATED `invalid_credentials`, `session_ended`;
   * UNAVAILABLE `dependency_unavailable` when the ends cannot be made known to the gateways; and what {@link NewPasswords},
   * {@link OwnCredentialsService} and hashing throw.
   */
  async change(principal: Principal, presented: PresentedPasswords): Promise<IssuedTokens> {
    const { clientAddress } = presented;
    const current = parsePresentedPassword(presented.currentPassword);
    this.revocations.requireFeed();
    const account = await this.own.own(principal);
    const hasSecondFactor = await this.secondFactor.isFor(account.id);
    const owner = { email: account.email, hasSecondFactor };
    const chosen = this.newPasswords.parse(presented.newPassword, owner);
    await this.credentials.verifyPassword(account, current, { principal, clientAddress });
    await this.newPasswords.requireUnbreached(chosen);
    const passwordHash = await this.passwords.hash(chosen);

    // The key is looked up before the transaction, which holds a connection already.
    const change = await this.sessions.withActiveKey((key) =>
      this.changeAtOnce(account, principal, {
        ...{ passwordHash, key },
        origin: { ...presented, isExpected: true },
      }),
    );
    this.events.record({
      type: 'account',
      outcome: change ? 'succeeded' : 'refused',
      reason: change ? 'password_changed' : 'session_ended',
      principal: account.id,
      clientAddress,
    });
    if (!change) throw new ServiceError('UNAUTHENTICATED', 'session_ended');
    await this.revocations.deliver(change.revocations);
    return change.tokens;
  }

  private async changeAtOnce(
    account: Account,
    { sessionId }: Principal,
    { passwordHash, key, origin }: Proved,
  ): Promise<Attempted<Change>> {
    const ending = { reason: 'password_changed', now: this.clock() } as const;
    try {
      return await this.database.db.transaction().execute(async (transaction) => {
        const passwordVersion = await this.accounts.setPassword(transaction, account, {
          ...{ passwordHash, now: ending.now },
        });
        if (passwordVersion === undefined) throw new ChangeLost();
        const ended = await this.ends.all(account.id, ending, transaction);
        const calling = ended.sessions.find(({ id }) => id === sessionId);
        const how = calling && (await authenticationOf(transaction, calling.id));
        if (!how) throw new ChangeLost();
        await this.resets.endAll(transaction, account.id, ending);
        await forgetDevices(transaction, account.id);
        await this.notices.send(transaction, account.id, {
          kind: 'password_changed',
          now: ending.now,
        });
        const owner = { id: account.id, passwordVersion };
        const tokens = await this.sessions.openWith(key, owner, how, origin, transaction);
        if (typeof tokens !== 'object') throw new ChangeLost(tokens);
        return { tokens, revocations: ended.revocations };
      });
    } catch (error) {
      if (error instanceof ChangeLost) return error.outcome;
      throw error;
    }
  }
}
