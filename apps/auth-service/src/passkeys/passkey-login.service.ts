import { Inject, Injectable } from '@nestjs/common';
import type { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import type { EmailAddress } from '../accounts/email-address';
import { SECURITY_EVENTS } from '../app.tokens';
import { TrustedDevices } from '../devices/trusted-devices.service';
import { ChallengeEntry, EntryLost } from '../mfa/challenge-entry';
import type { Opens } from '../mfa/challenge-entry';
import { mfaRefused } from '../mfa/mfa-refusal';
import type { ClientOrigin, SignInOrigin } from '../sessions/session';
import type { Attempted } from '../sessions/sessions.repository';
import { SessionsService } from '../sessions/sessions.service';
import { ATTEMPT_THROTTLE } from '../throttling/attempt-throttle';
import type { AttemptThrottle } from '../throttling/attempt-throttle';
import type { IssuedTokens } from '../tokens/issued-tokens';
import { PasskeyAssertions } from './passkey-assertions';
import type { AskedAssertion } from './passkey-assertions';

/** An assertion to sign in with, as it arrived. */
export interface PresentedPasskeyLogin extends SignInOrigin {
  /** `AuthenticationResponseJSON`. */
  readonly credential: string;
}

type Enters = <Opened>(open: Opens<Opened>) => Promise<Attempted<Opened>>;

const ASKED = { purpose: 'login' } as const;

/** Passkeys that nobody has are counted as those of one account. */
const NOBODY = '' as EmailAddress;

/** Lets people in by a passkey alone, which says whose it is and has verified its user. */
@Injectable()
export class PasskeyLoginService {
  constructor(
    private readonly assertions: PasskeyAssertions,
    private readonly accounts: AccountsRepository,
    private readonly sessions: SessionsService,
    private readonly entry: ChallengeEntry,
    private readonly devices: TrustedDevices,
    @Inject(ATTEMPT_THROTTLE) private readonly throttle: AttemptThrottle,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** What to give the browser: the same for everybody. */
  async begin(): Promise<AskedAssertion> {
    return this.assertions.ask(ASKED);
  }

  /** Opens a session. @throws ServiceError as {@link PasskeyLoginService.authenticate} does */
  async logIn(presented: PresentedPasskeyLogin): Promise<IssuedTokens> {
    const { tokens, accountId } = await this.authenticate(presented, (enter) =>
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
   * Verifies an assertion, and lets its account in.
   *
   * @param work enters, once or again when the signing key was replaced meanwhile, and resolves with what was opened
   * @throws ServiceError UNAUTHENTICATED `mfa_refused`, whatever is wrong; and what {@link AttemptThrottle.admit} throws
   */
  async authenticate<Opened>(
    presented: PresentedPasskeyLogin,
    work: (enter: Enters) => Promise<Opened | undefined>,
  ): Promise<Opened> {
    const claimed = await this.assertions.claimedOwner(presented.credential);
    const account = claimed === undefined ? undefined : await this.accounts.findById(claimed);
    const email = account?.email ?? NOBODY;
    const deviceId = await this.devices.recognise(presented.deviceTokens, email);
    const attempt = { email, clientAddress: presented.clientAddress, deviceId };
    await this.throttle.admit('passkey', attempt);
    const right = await this.assertions.check(presented.credential, ASKED);
    if (typeof right === 'string') throw this.refuse(right, presented, account);
    if (account?.id !== right.accountId) throw this.refuse('passkey_unknown', presented);
    if (account.lockedAt) throw this.refuse('account_locked', presented, account);
    const opened = await work((open) => this.entry.enter({ account, code: right }, open)).catch(
      (error: unknown) => {
        throw error instanceof EntryLost ? this.refuse(error.reason, presented, account) : error;
      },
    );
    if (opened === undefined) throw this.refuse('account_changed', presented, account);
    await this.throttle.forgetFailures(attempt, 'passkey');
    const { clientAddress } = presented;
    this.events.record({
      type: 'authentication',
      outcome: 'succeeded',
      reason: 'passkey_logged_in',
      principal: account.id,
      clientAddress,
    });
    return opened;
  }

  private refuse(reason: string, { clientAddress }: ClientOrigin, account?: Account): ServiceError {
    this.events.record({
      type: 'authentication',
      outcome: 'refused',
      reason,
      ...(account && { principal: account.id }),
      clientAddress,
    });
    return mfaRefused();
  }
}
