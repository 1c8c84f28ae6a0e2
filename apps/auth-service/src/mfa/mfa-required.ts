import { Injectable, Inject } from '@nestjs/common';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { CLOCK } from '../app.tokens';
import { MfaChallengesRepository } from './mfa-challenges.repository';
import { newMfaToken } from './mfa-token';
import type { MfaToken } from './mfa-token';
import { CHALLENGE_SECONDS } from './second-factor';
import type { MfaMethod } from './second-factor';
import { SecondFactors } from './second-factors';

/** The password was right, and is not enough: nothing is open yet. */
export class MfaRequired {
  constructor(
    readonly token: MfaToken,
    /** Seconds. */
    readonly expiresIn: number,
    readonly methods: readonly MfaMethod[],
  ) {}
}

/** Decides whether a password is enough. */
@Injectable()
export class MfaRequirement {
  constructor(
    private readonly factors: SecondFactors,
    private readonly challenges: MfaChallengesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Whether an account has a second factor in use. */
  async isFor(accountId: string): Promise<boolean> {
    return this.factors.areInUse(accountId);
  }

  /**
   * Opens a challenge when an account whose password was right has a second factor.
   *
   * @returns `not_required`, or undefined when the account was locked or its credentials changed since it was read
   */
  async challenge(
    account: Account,
    token = newMfaToken(),
  ): Promise<MfaRequired | 'not_required' | undefined> {
    const methods = await this.factors.methodsOf(account.id);
    if (methods.length === 0) return 'not_required';
    const opened = await this.challenges.open(token, account, this.clock());
    return opened ? new MfaRequired(token, CHALLENGE_SECONDS, methods) : undefined;
  }
}
