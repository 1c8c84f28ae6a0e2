import { Inject, Injectable } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, SECURITY_EVENTS } from '../app.tokens';
import { MfaChallengesRepository } from '../mfa/mfa-challenges.repository';
import { mfaRefused } from '../mfa/mfa-refusal';
import { parseMfaToken } from '../mfa/mfa-token';
import { PasskeyAssertions } from './passkey-assertions';
import type { AskedAssertion } from './passkey-assertions';

/** Asks for the passkey that completes a sign-in whose password was right. */
@Injectable()
export class PasskeySecondFactorService {
  constructor(
    private readonly challenges: MfaChallengesRepository,
    private readonly assertions: PasskeyAssertions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * What to give the browser, the passkeys of the account among it. An answer to it completes this sign-in and no other.
   *
   * @throws ServiceError UNAUTHENTICATED `mfa_refused` when there is no such sign-in, or no code may be given for it any more
   */
  async begin(presentedToken: string, clientAddress: string | undefined): Promise<AskedAssertion> {
    const token = parseMfaToken(presentedToken);
    const challenge = token && (await this.challenges.find(token, this.clock()));
    if (!token || !challenge) {
      const reason = 'mfa_challenge_refused';
      const outcome = 'refused';
      this.events.record({ type: 'authentication', outcome, reason, clientAddress });
      throw mfaRefused();
    }
    const { accountId: id, passwordVersion } = challenge;
    const account = { id, passwordVersion };
    return this.assertions.ask({ purpose: 'second_factor', account, boundTo: token });
  }
}
