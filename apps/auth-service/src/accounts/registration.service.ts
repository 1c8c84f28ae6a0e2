import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, SECURITY_EVENTS } from '../app.tokens';
import { NewPasswords } from '../passwords/new-passwords.service';
import { PASSWORD_HASHING } from '../passwords/password-hashing';
import type { PasswordHashing } from '../passwords/password-hashing';
import { SessionsService } from '../sessions/sessions.service';
import { ATTEMPT_THROTTLE } from '../throttling/attempt-throttle';
import type { AttemptThrottle } from '../throttling/attempt-throttle';
import type { IssuedTokens } from '../tokens/issued-tokens';
import { NEW_ACCOUNT_SCOPES } from './account';
import { AccountsRepository } from './accounts.repository';
import { PASSWORD_AUTHENTICATION } from './credentials';
import type { PresentedCredentials } from './credentials';
import { parseEmailAddress } from './email-address';

/** Takes in new accounts. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly sessions: SessionsService,
    private readonly newPasswords: NewPasswords,
    @Inject(ATTEMPT_THROTTLE) private readonly throttle: AttemptThrottle,
    @Inject(PASSWORD_HASHING) private readonly passwords: PasswordHashing,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Creates an account and opens its first session. The account is there as soon as it is created:
   * when opening the session fails, its owner logs in.
   *
   * Hashes exactly one password whether or not the address has an account.
   *
   * @throws ServiceError INVALID_ARGUMENT `email_invalid`; ALREADY_EXISTS `registration_refused`; and what
   * {@link NewPasswords.parse}, {@link AttemptThrottle.admit} and hashing throw.
   */
  async register(presented: PresentedCredentials): Promise<IssuedTokens> {
    const { clientAddress } = presented;
    const email = parseEmailAddress(presented.email);
    const owner = { email, hasSecondFactor: false };
    const password = this.newPasswords.parse(presented.password, owner);
    await this.throttle.admit('registration', { email, clientAddress });
    await this.newPasswords.requireUnbreached(password);

    const account = await this.accounts.create({
      email,
      passwordHash: await this.passwords.hash(password),
      scopes: NEW_ACCOUNT_SCOPES,
      createdAt: this.clock(),
    });
    if (!account) {
      const reason = 'registration_refused';
      this.events.record({ type: 'account', outcome: 'refused', reason, clientAddress });
      throw new ServiceError('ALREADY_EXISTS', reason);
    }
    this.events.record({
      type: 'account',
      outcome: 'succeeded',
      reason: 'account_registered',
      principal: account.id,
      clientAddress,
    });
    const origin = { ...presented, isExpected: true };
    const tokens = await this.sessions.open(account, PASSWORD_AUTHENTICATION, origin);
    // Locked in the moment since it was created; its owner has no session to open.
    if (!tokens) throw new ServiceError('ALREADY_EXISTS', 'registration_refused');
    return tokens;
  }
}
