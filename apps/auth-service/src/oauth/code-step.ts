import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { MfaChallengesRepository } from '../mfa/mfa-challenges.repository';
import { interactionChallenge } from '../mfa/mfa-token';
import { SecondFactorLoginService } from '../mfa/second-factor-login.service';
import type { PresentedSecondFactor } from '../mfa/second-factor-login.service';
import { laterBy } from '../revocations/record-revocation';
import { OauthSessionsRepository } from './oauth-sessions.repository';
import { LIFETIMES } from './provider-configuration';

/** Who has signed in, as the library is told. */
export interface CompletedLogin {
  readonly accountId: string;
  readonly acr: string;
  readonly amr: string[];
  /** Unix time in seconds. */
  readonly ts: number;
}

/** The step of an interaction in which a code completes the sign-in. */
@Injectable()
export class CodeStep {
  constructor(
    private readonly login: SecondFactorLoginService,
    private readonly challenges: MfaChallengesRepository,
    private readonly sessions: OauthSessionsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Whether the password was right, and a code may be given. */
  async isNext(interactionUid: string): Promise<boolean> {
    const challenge = interactionChallenge(interactionUid);
    return (await this.challenges.find(challenge, this.clock())) !== undefined;
  }

  /** Goes back to the password. */
  async startAgain(interactionUid: string): Promise<void> {
    await this.challenges.drop(interactionChallenge(interactionUid));
  }

  /** Opens the browser's session. @throws ServiceError as {@link SecondFactorLoginService.verify} does */
  async complete(
    interactionUid: string,
    presented: PresentedSecondFactor,
  ): Promise<CompletedLogin> {
    const { clientAddress, userAgent } = presented;
    return this.login.verify(interactionChallenge(interactionUid), presented, (enter) =>
      enter(async (transaction, account, { acr, amr }) => {
        const at = this.clock();
        const opened = await this.sessions.signIn(
          account,
          {
            interactionUid,
            authentication: { acr, amr, at },
            expiresAt: laterBy(at, LIFETIMES.browserSession),
            clientAddress,
            userAgent,
          },
          transaction,
        );
        if (!opened) return undefined;
        const ts = Math.floor(at.getTime() / 1000);
        return { accountId: account.id, acr, amr: [...amr], ts };
      }).then((outcome) => (outcome === 'key_changed' ? undefined : outcome)),
    );
  }
}
