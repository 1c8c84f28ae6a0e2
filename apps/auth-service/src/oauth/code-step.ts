import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { CLOCK } from '../app.tokens';
import { MfaChallengesRepository } from '../mfa/mfa-challenges.repository';
import type { MfaToken } from '../mfa/mfa-token';
import { SecondFactorLoginService } from '../mfa/second-factor-login.service';
import type { PresentedSecondFactor } from '../mfa/second-factor-login.service';
import type { MfaMethod } from '../mfa/second-factor';
import { SecondFactors } from '../mfa/second-factors';
import { boundToChallenge } from '../sms/sms-code';
import { SmsCodesRepository } from '../sms/sms-codes.repository';
import { SmsSignInService } from '../sms/sms-sign-in.service';
import { BrowserSignIns } from './browser-sign-ins';
import type { BrowserLogin } from './browser-sign-ins';

/** What somebody sends from the page that asks for a code. */
export interface EnteredCode extends PresentedSecondFactor {
  /** Instead of a code: as somebody else. */
  readonly startAgain: boolean;
  /** Instead of a code: have one sent. */
  readonly sendMessage: boolean;
}

/** What a sign-in may be completed by, for the page. */
export interface CodeChoices {
  /** Whose sign-in it is, as it was when the password was right. */
  readonly account: Pick<Account, 'id' | 'passwordVersion'>;
  readonly methods: readonly MfaMethod[];
  /** Whether a text message is on its way. */
  readonly isMessageSent: boolean;
}

/** The step in which a code completes a sign-in in a browser, on the way to a client or to the account page. */
@Injectable()
export class CodeStep {
  constructor(
    private readonly login: SecondFactorLoginService,
    private readonly challenges: MfaChallengesRepository,
    private readonly signIns: BrowserSignIns,
    private readonly factors: SecondFactors,
    private readonly sentCodes: SmsCodesRepository,
    private readonly sms: SmsSignInService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** How the sign-in may be completed; undefined where the password comes first, again or for the first time. */
  async choices(challenge: MfaToken): Promise<CodeChoices | undefined> {
    const now = this.clock();
    const found = await this.challenges.find(challenge, now);
    if (!found) return undefined;
    const { accountId: id, passwordVersion } = found;
    const methods = await this.factors.methodsOf(id);
    const isMessageSent = await this.sentCodes.isAwaited(boundToChallenge(challenge), now);
    return { account: { id, passwordVersion }, methods, isMessageSent };
  }

  /** Has a code sent by text message. @throws ServiceError as {@link SmsSignInService.send} does */
  async sendMessage(challenge: MfaToken, clientAddress: string | undefined): Promise<void> {
    await this.sms.send(challenge, clientAddress);
  }

  /** Goes back to the password. */
  async startAgain(challenge: MfaToken): Promise<void> {
    await this.challenges.drop(challenge);
  }

  /**
   * Opens the browser's session.
   *
   * @param interactionUid the name the session waits under until its browser is known
   * @throws ServiceError as {@link SecondFactorLoginService.verify} does
   */
  async complete(
    challenge: MfaToken,
    interactionUid: string,
    presented: PresentedSecondFactor,
  ): Promise<BrowserLogin> {
    const opens = this.signIns.opens(interactionUid, presented);
    return this.login.verify(challenge, presented, (enter) =>
      enter(opens).then((outcome) => (outcome === 'key_changed' ? undefined : outcome)),
    );
  }
}
