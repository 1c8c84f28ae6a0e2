import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvent, SecurityEvents } from '@sallyport/observability';
import { SECURITY_EVENTS } from '../app.tokens';
import { TrustedDevices } from '../devices/trusted-devices.service';
import { MfaRequirement } from '../mfa/mfa-required';
import type { MfaRequired } from '../mfa/mfa-required';
import type { MfaToken } from '../mfa/mfa-token';
import { parsePresentedPassword } from '../passwords/password';
import type { Password } from '../passwords/password';
import { PASSWORD_HASHING } from '../passwords/password-hashing';
import type { PasswordHashing } from '../passwords/password-hashing';
import { SessionsService } from '../sessions/sessions.service';
import { ATTEMPT_THROTTLE } from '../throttling/attempt-throttle';
import type { AttemptThrottle } from '../throttling/attempt-throttle';
import type { IssuedTokens } from '../tokens/issued-tokens';
import type { Account } from './account';
import { AccountsRepository } from './accounts.repository';
import { PASSWORD_AUTHENTICATION } from './credentials';
import type { PresentedCredentials } from './credentials';
import { parseEmailAddress } from './email-address';
import { LockNotices } from './lock-notices';

/** Lets people in who know their password. */
@Injectable()
export class LoginService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly sessions: SessionsService,
    private readonly secondFactor: MfaRequirement,
    private readonly devices: TrustedDevices,
    private readonly lockNotices: LockNotices,
    @Inject(ATTEMPT_THROTTLE) private readonly throttle: AttemptThrottle,
    @Inject(PASSWORD_HASHING) private readonly passwords: PasswordHashing,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** Verifies a password and opens a session, or a challenge. @throws ServiceError as {@link LoginService.authenticate} does. */
  async logIn(presented: PresentedCredentials): Promise<IssuedTokens | MfaRequired> {
    return this.authenticate(presented, (account) =>
      this.sessions.open(account, PASSWORD_AUTHENTICATION, presented),
    );
  }

  /**
   * Verifies a password, and lets its account in by what `open` opens for it; where there is a second factor, opens a
   * challenge instead. For an address without an account the same work is done and the same answer given as for a wrong
   * password, whether or not there is a second factor.
   *
   * @param open gives undefined when the account was locked or its credentials changed meanwhile
   * @param challenge names the challenge; a new token when left out
   * @throws ServiceError INVALID_ARGUMENT `email_invalid`, `password_too_long`; UNAUTHENTICATED
   * `invalid_credentials`; and what {@link AttemptThrottle.admit} and hashing throw.
   */
  async authenticate<Opened>(
    presented: PresentedCredentials,
    open: (account: Account) => Promise<Opened | undefined>,
    challenge?: MfaToken,
  ): Promise<Opened | MfaRequired> {
    const { clientAddress } = presented;
    const email = parseEmailAddress(presented.email);
    const password = parsePresentedPassword(presented.password);
    const deviceId = await this.devices.recognise(presented.deviceTokens, email);
    const attempt = { email, clientAddress, deviceId };
    // Before it is counted: nobody is locked out by an outage of the database.
    const account = await this.accounts.findByEmail(email);
    // Counted before the password is looked at, so that parallel guesses count one by one.
    const { isLast } = await this.throttle.admit('login', attempt);

    const hash = account?.passwordHash ?? this.passwords.unmatchable;
    const matches = await this.passwords.verify(password, hash);
    if (!account || !matches) {
      if (isLast) await this.lockNotices.send(attempt, 'password_sign_in_locked');
      throw this.refuse('invalid_credentials', clientAddress, account && { target: account.id });
    }
    if (account.lockedAt) {
      throw this.refuse('account_locked', clientAddress, { principal: account.id });
    }
    await this.throttle.forgetFailures(attempt);
    await this.rehashIfOutdated(account, password);
    const required = await this.secondFactor.challenge(account, challenge);
    const opened = required === 'not_required' ? await open(account) : required;
    // Locked, or its credentials changed, while this password was verified.
    if (opened === undefined)
      throw this.refuse('account_changed', clientAddress, { principal: account.id });
    this.events.record({
      type: 'authentication',
      outcome: 'succeeded',
      reason: required === 'not_required' ? 'logged_in' : 'mfa_required',
      principal: account.id,
      clientAddress,
    });
    return opened;
  }

  /** One answer for all; only the event tells them apart: whose password was guessed is its target. */
  private refuse(
    reason: string,
    clientAddress: string | undefined,
    about: Pick<SecurityEvent, 'principal' | 'target'> = {},
  ): ServiceError {
    this.events.record({
      type: 'authentication',
      outcome: 'refused',
      reason,
      ...about,
      clientAddress,
    });
    return new ServiceError('UNAUTHENTICATED', 'invalid_credentials');
  }

  private async rehashIfOutdated(account: Account, password: Password): Promise<void> {
    if (this.passwords.isCurrent(account.passwordHash)) return;
    await this.accounts.replacePasswordHash(account, await this.passwords.hash(password));
  }
}
