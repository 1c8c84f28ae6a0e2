import { Inject, Injectable } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { RecordedRevocation } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../../app.tokens';
import type { AuthTables } from '../../auth.tables';
import type { Operator } from '../../operators/account-control.service';
import { recordRevocation } from '../../revocations/record-revocation';
import { RevocationsService } from '../../revocations/revocations.service';
import { ConsentsRepository } from '../consents/consents.repository';
import { OauthSessionsRepository } from '../oauth-sessions.repository';
import { ClientRecordsRepository } from './client-records.repository';
import type { ClientRecord } from './client-records.repository';
import { ClientsService } from './clients.service';

/** What disabling a client came to. */
export interface Disabling {
  readonly client: ClientRecord;
  /** Of its grants. */
  readonly endedSessions: number;
}

/** So many sessions end with one statement: nobody waits long for their rows. */
const ENDED_AT_ONCE = 1_000;

/**
 * Disables clients and enables them again. Recorded with or without the feed: while that is gone the gateways refuse
 * everything anyway.
 *
 * The client goes first, in a transaction of its own, with all its access tokens, by an epoch; then the sessions of its
 * grants, however many there are. An order that was interrupted is repeated: what is left ends, before it is enabled at
 * the latest.
 */
@Injectable()
export class ClientDisablingService {
  constructor(
    private readonly clients: ClientsService,
    private readonly records: ClientRecordsRepository,
    private readonly sessions: OauthSessionsRepository,
    private readonly consents: ConsentsRepository,
    private readonly revocations: RevocationsService,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Keeps a client from getting anything, and ends what it holds: access tokens at every gateway within the bound,
   * refresh tokens and codes with the sessions of its grants.
   *
   * @throws ServiceError NOT_FOUND `oauth_client_not_found`
   */
  async disable(id: string, operator: Operator): Promise<Disabling> {
    await this.clients.find(id);
    const epoch = await this.startEpoch(id);
    if (epoch !== undefined) {
      await this.revocations.deliver([epoch]);
      this.record('oauth_client_disabled', id, operator);
    }
    const endedSessions = await this.endWhatItHolds(id);
    return { client: await this.clients.find(id), endedSessions };
  }

  /** Lets a client work again; what was ended stays so. @throws ServiceError NOT_FOUND `oauth_client_not_found` */
  async enable(id: string, operator: Operator): Promise<ClientRecord> {
    const { disabledAt } = await this.clients.find(id);
    if (disabledAt !== undefined) {
      await this.endWhatItHolds(id);
      if (await this.records.enable(id)) this.record('oauth_client_enabled', id, operator);
    }
    return this.clients.find(id);
  }

  /** Undefined when the client is disabled already. */
  private startEpoch(id: string): Promise<RecordedRevocation | undefined> {
    return this.database.db.transaction().execute(async (transaction) => {
      if (!(await this.records.disable(transaction, id, this.clock()))) return undefined;
      // Read once nothing can be issued any more, so that the epoch lies after all that was.
      const now = this.clock();
      return recordRevocation(transaction, {
        kind: 'client',
        revokedId: id,
        issuedBefore: await this.records.startEpoch(transaction, id, now),
        reason: 'oauth_client_disabled',
        recordedAt: now,
      });
    });
  }

  /** Consents first: what they open until they are gone is among the sessions that end. */
  private async endWhatItHolds(id: string): Promise<number> {
    await this.consents.forgetClient(id);
    const reason = 'client_disabled';
    for (let count = 0; ;) {
      const ending = { reason, now: this.clock() } as const;
      const { sessions, revocations } = await this.sessions.someOfClient(id, ENDED_AT_ONCE, ending);
      await this.revocations.deliver(revocations);
      count += sessions.length;
      if (sessions.length < ENDED_AT_ONCE) return count;
    }
  }

  private record(reason: string, clientId: string, operator: Operator): void {
    const about = { principal: operator, target: clientId };
    this.events.record({ type: 'client', outcome: 'succeeded', reason, ...about });
  }
}
