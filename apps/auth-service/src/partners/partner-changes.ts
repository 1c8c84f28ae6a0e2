import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { RecordedRevocation } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import {
  CERTIFICATE_REVOCATION_MEMORY_SECONDS,
  laterBy,
  recordRevocation,
} from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { RevocationsService } from '../revocations/revocations.service';
import type { Partner } from './partner';
import { PartnersRepository } from './partners.repository';

/** One change of a partner, in its transaction. */
export interface PartnerTransaction {
  readonly transaction: AuthConnection;
  /** As it was when it was locked. */
  readonly partner: Partner;
  readonly now: Date;
  /** Ends the partner's tokens, and what gateways remember of it. */
  readonly startEpoch: () => Promise<void>;
  /** Ends what stands on this certificate. */
  readonly revokeCertificate: (thumbprint: string) => Promise<void>;
}

/** What a change is called in the security events and the revocations. */
export interface ChangeTrace {
  readonly reason: string;
  readonly certificate?: string;
}

/**
 * Carries out what operators change of partners: each change is one transaction with the partner locked, recorded
 * whether or not the feed is there, then published and left as a security event. What narrows starts an epoch.
 */
@Injectable()
export class PartnerChanges {
  constructor(
    private readonly partners: PartnersRepository,
    private readonly revocations: RevocationsService,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** @throws ServiceError NOT_FOUND `partner_not_found` */
  async carryOut<Result>(
    id: string,
    trace: ChangeTrace,
    change: (change: PartnerTransaction) => Promise<Result>,
  ): Promise<Result> {
    const revoked: RecordedRevocation[] = [];
    const result = await this.database.db.transaction().execute(async (transaction) => {
      const partner = await this.partners.lock(transaction, id);
      if (!partner) throw new ServiceError('NOT_FOUND', 'partner_not_found');
      // Not before the lock: who was issued a token meanwhile has to have an earlier one.
      const now = this.clock();
      return change({
        ...{ transaction, partner, now },
        startEpoch: async () => {
          const issuedBefore = await this.partners.startEpoch(transaction, id, now);
          const epoch = { kind: 'client', revokedId: id, issuedBefore } as const;
          const { reason } = trace;
          revoked.push(await recordRevocation(transaction, { ...epoch, reason, recordedAt: now }));
        },
        revokeCertificate: async (thumbprint) => {
          revoked.push(await certificateRevocation(transaction, thumbprint, trace.reason, now));
        },
      });
    });
    await this.conclude(revoked, trace, id);
    return result;
  }

  /** Publishes what is recorded, and leaves the security event. */
  async conclude(
    revoked: readonly RecordedRevocation[],
    { reason, certificate }: ChangeTrace,
    target: string | undefined,
  ): Promise<void> {
    if (revoked.length > 0) await this.revocations.deliver(revoked);
    this.events.record({ type: 'partner', outcome: 'succeeded', reason, target, certificate });
  }
}

/** Records that a certificate is revoked. */
export function certificateRevocation(
  transaction: AuthConnection,
  thumbprint: string,
  reason: string,
  now: Date,
): Promise<RecordedRevocation> {
  return recordRevocation(transaction, {
    kind: 'certificate',
    revokedId: thumbprint,
    reason,
    recordedAt: now,
    expiresAt: laterBy(now, CERTIFICATE_REVOCATION_MEMORY_SECONDS),
  });
}
