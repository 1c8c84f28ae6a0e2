import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { MfaChallengesRepository } from '../mfa/mfa-challenges.repository';
import type { MfaToken } from '../mfa/mfa-token';
import { SecondFactorLoginService } from '../mfa/second-factor-login.service';
import type { PresentedSecondFactor } from '../mfa/second-factor-login.service';
import { BrowserEntry } from './browser-entry';
import type { CompletedLogin } from './browser-entry';

/** What somebody sends from the page that asks for a code. */
export interface EnteredCode extends PresentedSecondFactor {
  /** Instead of a code: as somebody else. */
  readonly startAgain: boolean;
}

/** The step in which a code completes a sign-in in a browser, on the way to a client or to the account page. */
@Injectable()
export class CodeStep {
  constructor(
    private readonly login: SecondFactorLoginService,
    private readonly challenges: MfaChallengesRepository,
    private readonly entry: BrowserEntry,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Whether the password was right, and a code may be given. */
  async isNext(challenge: MfaToken): Promise<boolean> {
    return (await this.challenges.find(challenge, this.clock())) !== undefined;
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
  ): Promise<CompletedLogin> {
    const opens = this.entry.opens(interactionUid, presented);
    return this.login.verify(challenge, presented, (enter) =>
      enter(opens).then((outcome) => (outcome === 'key_changed' ? undefined : outcome)),
    );
  }
}
