import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '@sallyport/principal';
import { AccountsService } from '../accounts/accounts.service';
import { attemptOf, OwnCredentialsService } from '../mfa/own-credentials.service';
import { SPENT } from '../mfa/second-factor-codes';
import { StepUpService } from '../mfa/step-up.service';
import { ATTEMPT_THROTTLE } from '../throttling/attempt-throttle';
import type { AttemptThrottle } from '../throttling/attempt-throttle';
import type { IssuedAccessToken } from '../tokens/issued-tokens';
import { PasskeyAssertions } from './passkey-assertions';
import type { AskedAssertion, AssertionAsked } from './passkey-assertions';
import type { PresentedPasskeyLogin } from './passkey-login.service';

/** Has somebody signed in prove once more who they are, by a passkey alone: it is two factors. */
@Injectable()
export class PasskeyStepUpService {
  constructor(
    private readonly own: AccountsService,
    private readonly assertions: PasskeyAssertions,
    private readonly credentials: OwnCredentialsService,
    private readonly stepUp: StepUpService,
    @Inject(ATTEMPT_THROTTLE) private readonly throttle: AttemptThrottle,
  ) {}

  /** What to give the browser. An answer to it counts in this session alone. @throws ServiceError NOT_FOUND `account_not_found` */
  async begin(principal: Principal): Promise<AskedAssertion> {
    return this.assertions.ask(askedBy(principal, await this.own.own(principal)));
  }

  /**
   * @throws ServiceError NOT_FOUND `account_not_found`; UNAUTHENTICATED `mfa_refused`; and what {@link AttemptThrottle.admit}
   * and {@link StepUpService.complete} throw
   */
  async complete(
    principal: Principal,
    { credential, ...origin }: PresentedPasskeyLogin,
  ): Promise<IssuedAccessToken> {
    const account = await this.own.own(principal);
    const { clientAddress } = origin;
    const attempt = attemptOf(account, { principal, clientAddress });
    await this.throttle.admit('passkey', attempt);
    const right = await this.assertions.check(credential, askedBy(principal, account));
    if (typeof right === 'string') {
      throw this.credentials.refuseCode(right, account, clientAddress);
    }
    const proof = {
      account,
      ...right.how,
      spend: async (transaction: Parameters<typeof right.spend>[0]) =>
        (await right.spend(transaction)) ? undefined : SPENT[right.method],
    };
    const issued = await this.stepUp.complete(principal, proof, origin);
    await this.throttle.forgetFailures(attempt, 'passkey');
    return issued;
  }
}

function askedBy(
  { sessionId = '' }: Principal,
  account: { readonly id: string; readonly passwordVersion: number },
): AssertionAsked {
  return { purpose: 'step_up', account, boundTo: sessionId };
}
