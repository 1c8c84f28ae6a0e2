import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, SECURITY_EVENTS } from '../../app.tokens';
import { RevocationsService } from '../../revocations/revocations.service';
import type { GrantOpening } from '../oauth-sessions.repository';
import { ConsentsRepository } from './consents.repository';
import type { ListedConsent, Parties } from './consents.repository';

/** What people allowed OAuth clients: given, looked at, and withdrawn. */
@Injectable()
export class ConsentsService {
  constructor(
    private readonly consents: ConsentsRepository,
    private readonly revocations: RevocationsService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** @see ConsentsRepository.give */
  async give(
    parties: Parties,
    scopes: readonly string[],
    opening: GrantOpening | undefined,
    clientAddress: string | undefined,
  ): Promise<boolean> {
    const consent = { ...parties, scopes, now: this.clock() };
    if (!(await this.consents.give(consent, opening))) return false;
    this.record('consent_given', parties, clientAddress);
    return true;
  }

  list(accountId: string): Promise<readonly ListedConsent[]> {
    return this.consents.list(accountId);
  }

  /**
   * Forgets what an account allowed a client, and ends what the client holds by it: access tokens at every gateway within
   * the bound, refresh tokens and codes at once.
   *
   * @throws ServiceError NOT_FOUND `consent_not_found`; UNAVAILABLE `dependency_unavailable` when the end cannot be made
   * known to the gateways
   */
  async withdraw(parties: Parties, clientAddress: string | undefined): Promise<void> {
    this.revocations.requireFeed();
    const ending = { reason: 'grant_revoked', now: this.clock() } as const;
    const ended = await this.consents.withdraw(parties, ending);
    if (ended === undefined) throw new ServiceError('NOT_FOUND', 'consent_not_found');
    await this.revocations.deliver(ended.revocations);
    this.record('consent_withdrawn', parties, clientAddress);
    for (const { id } of ended.sessions) {
      this.events.record({
        ...{ type: 'session', outcome: 'succeeded', reason: 'grant_revoked' },
        ...{ principal: parties.accountId, session: id, clientAddress },
      });
    }
  }

  private record(
    reason: 'consent_given' | 'consent_withdrawn',
    { accountId, clientId }: Parties,
    clientAddress: string | undefined,
  ): void {
    const about = { principal: accountId, target: clientId, clientAddress };
    this.events.record({ type: 'client', outcome: 'succeeded', reason, ...about });
  }
}
