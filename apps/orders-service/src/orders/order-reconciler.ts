import { Inject, Injectable } from '@nestjs/common';
import { eachBatch } from '@sallyport/nest-zero-trust';
import type { RepeatedJob, WorkloadJob } from '@sallyport/nest-zero-trust';
import type { Logger } from '@sallyport/observability';
import { LOGGER } from './orders.ports';
import { OrderSettlement } from './order-settlement';
import type { Settlement } from './order-settlement';
import { OrdersRepository } from './orders.repository';
import { RECONCILIATION } from './reconciliation';
import type { Reconciliation } from './reconciliation';
import { WORKLOAD_TRANSACTIONS } from './workload-transactions';
import type { WorkloadTransactions } from './workload-transactions';

const BATCH_SIZE = 50;
const SETTLING: WorkloadJob = {
  job: 'settle-orders',
  scopes: ['charges:resolve', 'charges:void'],
};
/** A pause is the interval, give or take this part of it. */
const JITTER = 0.2;

/**
 * Settles the orders that were left unsettled: by a billing that did not answer, a database that
 * went away, a process that died. Each batch is a transaction of this workload: where none can be
 * begun, what was taken is due again after the grace. Any number of replicas may run it.
 */
@Injectable()
export class OrderReconciler implements RepeatedJob {
  readonly name = 'reconciliation';

  constructor(
    private readonly orders: OrdersRepository,
    private readonly settlement: OrderSettlement,
    @Inject(WORKLOAD_TRANSACTIONS) private readonly transactions: WorkloadTransactions,
    @Inject(RECONCILIATION) private readonly reconciliation: Reconciliation,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  pauseMs(): number {
    return pauseBetweenPasses(this.reconciliation);
  }

  /** Takes what is due, batch after batch while billing settles them. */
  run(stopping?: AbortSignal): Promise<void> {
    return eachBatch(stopping, () => this.settleBatch());
  }

  /** Whether more may be waiting that billing would settle now. */
  private async settleBatch(): Promise<boolean> {
    const { graceSeconds } = this.reconciliation;
    const taken = await this.orders.takeUnsettled(BATCH_SIZE, graceSeconds);
    if (taken.length === 0) return false;

    const token = await this.transactions.begin(SETTLING);
    const results = await Promise.allSettled(
      taken.map(({ id, status }) =>
        status === 'cancelling'
          ? this.settlement.void(id, token)
          : this.settlement.resolve(id, token),
      ),
    );
    const failures = results.filter((result) => result.status === 'rejected');
    const count = (settlement: Settlement): number =>
      results.filter((result) => result.status === 'fulfilled' && result.value === settlement)
        .length;
    this.logger[failures.length > 0 ? 'warn' : 'info']({
      event: 'orders_reconciled',
      confirmed: count('confirmed'),
      cancelled: count('cancelled'),
      superseded: count('superseded'),
      failed: failures.length,
      ...(failures[0] && { error: failures[0].reason as unknown }),
    });
    return taken.length === BATCH_SIZE && failures.length === 0;
  }
}

/** In milliseconds. */
export function pauseBetweenPasses({ intervalSeconds, random }: Reconciliation): number {
  return intervalSeconds * 1_000 * (1 + JITTER * (2 * random() - 1));
}
