import { Inject, Injectable } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, SECURITY_EVENTS } from '../app.tokens';
import { RevocationsService } from '../revocations/revocations.service';
import type { EndedSessions } from '../sessions/ended-sessions';
import { OauthSessionsRepository } from './oauth-sessions.repository';

/** Ends what grants gave their clients, and what browsers hold. */
@Injectable()
export class GrantsService {
  constructor(
    private readonly sessions: OauthSessionsRepository,
    private readonly revocations: RevocationsService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Ends the session of a grant and with it its tokens at every gateway. Recorded whether or not the feed is there: two
   * parties may hold the client's tokens, and while the feed is gone the gateways refuse everything anyway.
   */
  async end(grantId: string): Promise<void> {
    const reason = 'grant_revoked';
    await this.finish(await this.sessions.endGrant(grantId, { reason, now: this.clock() }), reason);
  }

  /** Ends the session of a browser that signs out. */
  async signOut(browserUid: string): Promise<void> {
    const reason = 'logout';
    await this.finish(
      await this.sessions.endBrowser(browserUid, { reason, now: this.clock() }),
      'logged_out',
    );
  }

  private async finish({ sessions, revocations }: EndedSessions, reason: string): Promise<void> {
    await this.revocations.deliver(revocations);
    for (const { id, accountId } of sessions) {
      const about = { principal: accountId, session: id };
      this.events.record({ type: 'session', outcome: 'succeeded', reason, ...about });
    }
  }
}
