import { Inject, Injectable } from '@nestjs/common';
import type { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import { LockNotices } from '../accounts/lock-notices';
import { CLOCK, SECURITY_EVENTS } from '../app.tokens';
import { TrustedDevices } from '../devices/trusted-devices.service';
import type { ClientOrigin, SignInOrigin } from '../sessions/session';
import type { Attempted } from '../sessions/sessions.repository';
import { SessionsService } from '../sessions/sessions.service';
import { ATTEMPT_THROTTLE } from '../throttling/attempt-throttle';
import type { AttemptThrottle } from '../throttling/attempt-throttle';
import type { IssuedTokens } from '../tokens/issued-tokens';
import { ChallengeEntry, EntryLost } from './challenge-entry';
import type { Opens } from './challenge-entry';
import { MfaChallengesRepository } from './mfa-challenges.repository';
import { mfaRefused } from './mfa-refusal';
import { parseMfaToken } from './mfa-token';
import type { MfaToken } from './mfa-token';
import type { PresentedCode } from './second-factor';
import { SecondFactorCodes } from './second-factor-codes';

/** A code for a challenge, as it arrived. */
export interface PresentedSecondFactor extends PresentedCode, SignInOrigin {}

type Enters = <Opened>(open: Opens<Opened>) => Promise<Attempted<Opened>>;

/** Completes a sign-in whose password was right. */
@Injectable()
export class SecondFactorLoginService {
  constructor(
    private readonly challenges: MfaChallengesRepository,
    private readonly codes: SecondFactorCodes,
    private readonly entry: ChallengeEntry,
    private readonly accounts: AccountsRepository,
    private readonly sessions: SessionsService,
    private readonly devices: TrustedDevices,
    private readonly lockNotices: LockNotices,
    @Inject(ATTEMPT_THROTTLE) private readonly throttle: AttemptThrottle,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** Opens a session. @throws ServiceError as {@link SecondFactorLoginService.verify} does */
  async logIn(presentedToken: string, presented: PresentedSecondFactor): Promise<IssuedTokens> {
    const token = parseMfaToken(presentedToken);
    if (!token) throw this.refuse('mfa_challenge_refused', presented);
    const { tokens, accountId } = await this.verify(token, presented, (enter) =>
      this.sessions.withActiveKey((key) =>
        enter(async (transaction, account, how) => {
          const opened = await this.sessions.openWith(key, account, how, presented, transaction);
          return typeof opened === 'object' ? { tokens: opened, accountId: account.id } : opened;
        }),
      ),
    );
    await this.sessions.keepToMost(accountId, presented);
    return tokens;
  }

  /**
   * Verifies a code for a challenge. Each one is counted before it is looked at: against the challenge, the account and the
   * address.
   *
   * @param work enters, once or again when the signing key was replaced meanwhile, and resolves with what was opened
   * @throws ServiceError UNAUTHENTICATED `mfa_refused`, whatever is wrong; and what {@link AttemptThrottle.admit} throws
   */
  async verify<Opened>(
    token: MfaToken,
    presented: PresentedSecondFactor,
    work: (enter: Enters) => Promise<Opened | undefined>,
  ): Promise<Opened> {
    const now = this.clock();
    const challenge = await this.challenges.find(token, now);
    const account = challenge && (await this.accounts.findById(challenge.accountId));
    if (!account) throw this.refuse('mfa_challenge_refused', presented);
    const { email } = account;
    const deviceId = await this.devices.recognise(presented.deviceTokens, email);
    const attempt = { email, clientAddress: presented.clientAddress, deviceId };
    const { isLast } = await this.throttle.admit('second_factor', attempt);
    const taken = await this.challenges.takeAttempt(token, now);
    if (!taken) throw this.refuse('mfa_challenge_refused', presented, account);
    const proven = { ...account, passwordVersion: challenge.passwordVersion };
    const code = await this.codes.check(proven, presented, now, { signIn: token });
    if (typeof code === 'string') {
      if (isLast) await this.lockNotices.send(attempt, 'second_factor_locked');
      throw this.refuse(code, presented, account);
    }

    const opened = await work((open) =>
      this.entry.enter({ token, account: proven, code }, open),
    ).catch((error: unknown) => {
      throw error instanceof EntryLost ? this.refuse(error.reason, presented, account) : error;
    });
    if (opened === undefined) throw this.refuse('account_changed', presented, account);
    await this.throttle.forgetFailures(attempt, 'second_factor');
    if (code.method === 'recovery_code') this.record('recovery_code_used', account, presented);
    this.record('mfa_succeeded', account, presented);
    return opened;
  }

  private refuse(reason: string, origin: ClientOrigin, account?: Account): ServiceError {
    this.events.record({
      type: 'authentication',
      outcome: 'refused',
      reason,
      ...(account && { principal: account.id }),
      clientAddress: origin.clientAddress,
    });
    return mfaRefused();
  }

  private record(reason: string, { id }: Account, { clientAddress }: ClientOrigin): void {
    const outcome = 'succeeded';
    this.events.record({ type: 'authentication', outcome, reason, principal: id, clientAddress });
  }
}
