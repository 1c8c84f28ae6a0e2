import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { MfaChallengesRepository } from '../mfa/mfa-challenges.repository';
import type { MfaToken } from '../mfa/mfa-token';
import { SecondFactorLoginService } from '../mfa/second-factor-login.service';
import type { PresentedSecondFactor } from '../mfa/second-factor-login.service';
import type { MfaMethod } from '../mfa/second-factor';
import { SecondFactors } from '../mfa/second-factors';
import { laterBy } from '../revocations/record-revocation';
import { boundToChallenge } from '../sms/sms-code';
import { SmsCodesRepository } from '../sms/sms-codes.repository';
import { SmsSignInService } from '../sms/sms-sign-in.service';
import { BrowserSignIns } from './browser-sign-ins';
import { LIFETIMES } from './provider-configuration';

/** What somebody sends from the page that asks for a code. */
export interface EnteredCode extends PresentedSecondFactor {
  /** Instead of a code: as somebody else. */
  readonly startAgain: boolean;
  /** Instead of a code: have one sent. */
  readonly sendMessage: boolean;
}

/** What a code may be given by, for the page. */
export interface CodeChoices {
  readonly methods: readonly MfaMethod[];
  /** Whether a text message is on its way. */
  readonly isMessageSent: boolean;
}

/** Who has signed in, as the library is told. */
export interface CompletedLogin {
  readonly accountId: string;
  readonly acr: string;
  readonly amr: string[];
  /** Unix time in seconds. */
  readonly ts: number;
}

/** Somebody has signed in in a browser. */
export interface BrowserLogin {
  readonly login: CompletedLogin;
  /** `Set-Cookie` by which the device is known from now on. */
  readonly deviceCookie: string;
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

  /** Whether the password was right, and a code may be given. */
  async isNext(challenge: MfaToken): Promise<boolean> {
    return (await this.challenges.find(challenge, this.clock())) !== undefined;
  }

  /** How the code may be made. Without a challenge there is nothing to choose. */
  async choices(challenge: MfaToken): Promise<CodeChoices> {
    const now = this.clock();
    const found = await this.challenges.find(challenge, now);
    if (!found) return { methods: [], isMessageSent: false };
    const methods = await this.factors.methodsOf(found.accountId);
    const isMessageSent = await this.sentCodes.isAwaited(boundToChallenge(challenge), now);
    return { methods, isMessageSent };
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
    return this.login.verify(challenge, presented, (enter) =>
      enter(async (transaction, account, { acr, amr }) => {
        const at = this.clock();
        const authentication = { acr, amr, at };
        const expiresAt = laterBy(at, LIFETIMES.browserSession);
        const signIn = { interactionUid, authentication, expiresAt };
        const deviceCookie = await this.signIns.open(account, signIn, presented, transaction);
        if (deviceCookie === undefined) return undefined;
        const ts = Math.floor(at.getTime() / 1000);
        return { login: { accountId: account.id, acr, amr: [...amr], ts }, deviceCookie };
      }).then((outcome) => (outcome === 'key_changed' ? undefined : outcome)),
    );
  }
}
