import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, SECURITY_EVENTS } from '../app.tokens';
import { isUuid } from '../is-uuid';
import { RevocationsService } from '../revocations/revocations.service';
import type { EndedSessions } from './ended-sessions';
import { SessionEndsRepository } from './session-ends.repository';
import { SessionsRepository } from './sessions.repository';
import type { ListedSession } from './sessions.repository';

/** What somebody signed in may see and do about their own sessions. */
@Injectable()
export class OwnSessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly ends: SessionEndsRepository,
    private readonly revocations: RevocationsService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** The live ones, the most recently used first. */
  async list(principal: Principal): Promise<readonly ListedSession[]> {
    return isAccount(principal) ? this.sessions.listLive(principal.id, this.clock()) : [];
  }

  /**
   * @throws ServiceError NOT_FOUND `session_not_found`, also for a session of somebody else; UNAVAILABLE
   * `dependency_unavailable` when the end cannot be made known to the gateways.
   */
  async endOne(
    principal: Principal,
    sessionId: string,
    clientAddress: string | undefined,
  ): Promise<void> {
    this.revocations.requireFeed();
    const ended =
      isAccount(principal) && isUuid(sessionId)
        ? await this.ends.one(principal.id, sessionId, this.ending())
        : undefined;
    if (!ended || ended.sessions.length === 0) {
      throw new ServiceError('NOT_FOUND', 'session_not_found');
    }
    await this.finish(ended, clientAddress);
  }

  /** @throws ServiceError UNAVAILABLE `dependency_unavailable` */
  async endOthers(principal: Principal, clientAddress: string | undefined): Promise<number> {
    this.revocations.requireFeed();
    const { sessionId } = principal;
    if (!isAccount(principal) || !isUuid(sessionId ?? '')) return 0;
    const ended = await this.ends.allBut(principal.id, sessionId ?? '', this.ending());
    return this.finish(ended, clientAddress);
  }

  /** @throws ServiceError UNAVAILABLE `dependency_unavailable` */
  async endAll(principal: Principal, clientAddress: string | undefined): Promise<number> {
    this.revocations.requireFeed();
    if (!isAccount(principal)) return 0;
    return this.finish(await this.ends.all(principal.id, this.ending()), clientAddress);
  }

  private ending() {
    return { reason: 'ended_by_user', now: this.clock() } as const;
  }

  private async finish(ended: EndedSessions, clientAddress: string | undefined): Promise<number> {
    await this.revocations.deliver(ended.revocations);
    for (const { id, accountId } of ended.sessions) {
      this.events.record({
        type: 'session',
        outcome: 'succeeded',
        reason: 'session_ended_by_user',
        principal: accountId,
        session: id,
        clientAddress,
      });
    }
    return ended.sessions.length;
  }
}

/** Whether a principal can have sessions here. */
function isAccount({ type, id }: Principal): boolean {
  return type === 'user' && isUuid(id);
}
