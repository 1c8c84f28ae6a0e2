import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import type { Opens } from '../mfa/challenge-entry';
import { laterBy } from '../revocations/record-revocation';
import type { ClientOrigin } from '../sessions/session';
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

/** Opens the sessions of browsers in which somebody has signed in. */
@Injectable()
export class BrowserEntry {
  constructor(
    private readonly sessions: OauthSessionsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * What opens a session, in the transaction that uses up what was presented for it.
   *
   * @param interactionUid the name the session waits under until its browser is known
   */
  opens(interactionUid: string, { clientAddress, userAgent }: ClientOrigin): Opens<CompletedLogin> {
    return async (transaction, account, { acr, amr }) => {
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
    };
  }
}
