import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { CLOCK, SECURITY_EVENTS } from '../app.tokens';
import { parsePresentedPassword } from '../passwords/password';
import type { Password } from '../passwords/password';
import { PASSWORD_HASHING } from '../passwords/password-hashing';
import type { PasswordHashing } from '../passwords/password-hashing';
import { ATTEMPT_THROTTLE } from '../throttling/attempt-throttle';
import type { Attempt, AttemptThrottle } from '../throttling/attempt-throttle';
import { mfaRefused } from './mfa-refusal';
import type { PresentedCode } from './second-factor';
import { SecondFactorCodes } from './second-factor-codes';
import type { CodeRefusal, ProvedRequest, RightCode } from './second-factor-codes';

/** What somebody signed in sends to prove once more who they are, as it arrived. */
export interface PresentedProof extends PresentedCode {
  readonly password: string;
  readonly clientAddress: string | undefined;
}

/** In which session somebody proves who they are, and from where. */
export interface Prover {
  readonly principal: Pick<Principal, 'sessionId'>;
  readonly clientAddress: string | undefined;
}

/**
 * Has somebody signed in prove once more who they are (R13): by password, and by a code of a second factor. Counted as a
 * sign-in is, for a stolen access token is no licence to guess; but by its session, as from a trusted device, so that
 * others cannot keep its owner from it.
 */
@Injectable()
export class OwnCredentialsService {
  constructor(
    private readonly codes: SecondFactorCodes,
    @Inject(ATTEMPT_THROTTLE) private readonly throttle: AttemptThrottle,
    @Inject(PASSWORD_HASHING) private readonly passwords: PasswordHashing,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * @throws ServiceError INVALID_ARGUMENT `password_too_long`; UNAUTHENTICATED `invalid_credentials`; and what
   * {@link AttemptThrottle.admit} and hashing throw
   */
  async provePassword(
    account: Account,
    { password, ...prover }: Prover & Pick<PresentedProof, 'password'>,
  ): Promise<void> {
    await this.verifyPassword(account, parsePresentedPassword(password), prover);
  }

  /**
   * @throws ServiceError UNAUTHENTICATED `invalid_credentials`; and what {@link AttemptThrottle.admit} and hashing throw
   */
  async verifyPassword(account: Account, presented: Password, prover: Prover): Promise<void> {
    const attempt = attemptOf(account, prover);
    await this.throttle.admit('login', attempt);
    const { id, passwordHash } = account;
    if (!(await this.passwords.verify(presented, passwordHash))) {
      const reason = 'invalid_credentials';
      this.record(reason, id, prover.clientAddress);
      throw new ServiceError('UNAUTHENTICATED', reason);
    }
    await this.throttle.forgetFailures(attempt);
  }

  /**
   * A code of a factor in use, which is for the caller to spend.
   *
   * @param request what the code is to complete; without it no text message is right
   * @throws ServiceError UNAUTHENTICATED `mfa_refused`; and what {@link AttemptThrottle.admit} throws
   */
  async proveFactor(
    account: Account,
    presented: PresentedCode & Prover,
    request?: ProvedRequest,
  ): Promise<RightCode> {
    await this.admitCode(account, presented);
    const code = await this.codes.check(account, presented, this.clock(), request);
    if (typeof code === 'string') {
      throw this.refuseCode(code, account, presented.clientAddress);
    }
    return code;
  }

  /** Counts a code before it is looked at. @throws ServiceError as {@link AttemptThrottle.admit} does */
  async admitCode(account: Account, prover: Prover): Promise<void> {
    await this.throttle.admit('second_factor', attemptOf(account, prover));
  }

  /** After a code that was accepted. */
  async forgetRefusedCodes(account: Account, prover: Prover): Promise<void> {
    await this.throttle.forgetFailures(attemptOf(account, prover), 'second_factor');
  }

  refuseCode(
    reason: CodeRefusal | 'account_changed',
    { id }: Account,
    clientAddress: string | undefined,
  ): ServiceError {
    this.record(reason, id, clientAddress);
    return mfaRefused();
  }

  private record(reason: string, principal: string, clientAddress: string | undefined): void {
    const outcome = 'refused';
    this.events.record({ type: 'authentication', outcome, reason, principal, clientAddress });
  }
}

/** An attempt in a session: who is in it has proved to be the owner of the account before. */
export function attemptOf(
  { email }: Pick<Account, 'email'>,
  { principal, clientAddress }: Prover,
): Attempt {
  return { email, clientAddress, sessionId: principal.sessionId };
}
