import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { spiffeIdOfService, type WorkloadNames } from '@sallyport/nest-zero-trust';
import type { Logger, SecurityEvents } from '@sallyport/observability';
import {
  LONGEST_LIFETIME_SECONDS,
  TransactionTokenRejected,
  WorkloadAssertionRejected,
  type TransactionContext,
  type WorkloadAssertion,
  type WorkloadTransaction,
} from '@sallyport/principal';
import { formatScope, type Clock } from '@sallyport/tokens';
import type { SpiffeId } from '@sallyport/workload-identity';
import { CLOCK, LOGGER, SECURITY_EVENTS } from '../app.tokens';
import { ArtifactsRepository } from '../oauth/artifacts.repository';
import { ExchangeRefused } from './exchange-refused';
import type { ExchangeRequest } from './exchange-request';
import { TransactionTrust } from './transaction-trust';
import { WORKLOAD_JOBS } from './workload-jobs';
import type { WorkloadJobs } from './workload-jobs';

/** Under which the ids of presented assertions are remembered. */
const PRESENTED = 'WorkloadAssertion';

/** As many workloads as a verifier reads in `req_wl`. */
const MOST_REQUESTING_WORKLOADS = 8;

/** What a workload has been given. */
export interface IssuedTransactionToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/**
 * Decides Transaction Token requests (draft-ietf-oauth-transaction-tokens). A workload begins a transaction for itself, by
 * an assertion it has signed and that is taken once (R11), or replaces the token of one it has begun: with the same `txn`,
 * `sub`, `aud` and end, and no scope more.
 */
@Injectable()
export class ExchangeService {
  constructor(
    private readonly trust: TransactionTrust,
    private readonly artifacts: ArtifactsRepository,
    @Inject(WORKLOAD_JOBS) private readonly jobs: WorkloadJobs,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * @param caller whose certificate the channel has
   * @throws ExchangeRefused
   */
  async exchange(caller: SpiffeId, request: ExchangeRequest): Promise<IssuedTransactionToken> {
    const now = Math.floor(this.clock().getTime() / 1000);
    if (request.kind === 'begin') {
      await this.useAssertion(caller, request.presentedToken, now);
      this.authorize(caller, request.job, request.scopes);
      return this.issue('txn_token_issued', now, {
        txn: randomUUID(),
        workload: caller,
        requestingWorkloads: [caller],
        scopes: request.scopes,
        job: request.job,
        issuedAt: now,
        expiresAt: now + LONGEST_LIFETIME_SECONDS,
      });
    }
    const replaced = this.replaceable(caller, request.presentedToken, now);
    if (![...request.scopes].every((scope) => replaced.scopes.has(scope))) {
      throw new ExchangeRefused('invalid_scope', 'scope_widened');
    }
    this.authorize(caller, replaced.job, request.scopes);
    return this.issue('txn_token_replaced', now, {
      ...replaced,
      requestingWorkloads: [...replaced.requestingWorkloads, caller],
      scopes: request.scopes,
      // Another replica's clock may be ahead: a life never grows by that.
      issuedAt: Math.max(now, replaced.issuedAt),
    });
  }

  /** Whatever becomes of the request, its assertion is used up: there is nothing to be had by presenting one again. */
  private async useAssertion(caller: SpiffeId, presented: string, now: number): Promise<void> {
    const { jti, usableUntil } = this.verifiedAssertion(caller, presented);
    const id = `${caller.toString()} ${jti}`;
    if (await this.artifacts.putOnce(PRESENTED, id, {}, usableUntil - now)) return;
    throw new ExchangeRefused('invalid_request', 'assertion_replayed');
  }

  private verifiedAssertion(caller: SpiffeId, presented: string): WorkloadAssertion {
    try {
      return this.trust.assertions.verify(presented, caller);
    } catch (cause) {
      if (!(cause instanceof WorkloadAssertionRejected)) throw cause;
      throw new ExchangeRefused('invalid_request', cause.code, { cause });
    }
  }

  private replaceable(caller: SpiffeId, presented: string, now: number): WorkloadTransaction {
    const transaction = this.verifiedTransaction(presented);
    if (transaction.initiator !== 'workload') {
      throw new ExchangeRefused('invalid_request', 'txn_token_of_principal');
    }
    if (!transaction.workload.equals(caller)) {
      throw new ExchangeRefused('invalid_request', 'txn_token_of_another_workload');
    }
    // Without the tolerance that a verifier has: what replaces it would have no life at all.
    if (transaction.expiresAt <= now) {
      throw new ExchangeRefused('invalid_request', 'txn_token_expired');
    }
    if (transaction.requestingWorkloads.length >= MOST_REQUESTING_WORKLOADS) {
      throw new ExchangeRefused('invalid_request', 'txn_token_replaced_too_often');
    }
    return transaction;
  }

  private verifiedTransaction(presented: string): TransactionContext {
    try {
      return this.trust.transactions.verify(presented);
    } catch (cause) {
      if (!(cause instanceof TransactionTokenRejected)) throw cause;
      throw new ExchangeRefused('invalid_request', cause.code, { cause });
    }
  }

  private authorize(caller: SpiffeId, job: string, scopes: ReadonlySet<string>): void {
    const jobs = declaredFor(caller, this.jobs, this.trust.names);
    if (jobs === undefined) throw new ExchangeRefused('unauthorized_client', 'workload_undeclared');
    const allowed = jobs.get(job);
    if (allowed === undefined) throw new ExchangeRefused('unauthorized_client', 'job_undeclared');
    if ([...scopes].every((scope) => allowed.includes(scope))) return;
    throw new ExchangeRefused('invalid_scope', 'scope_undeclared');
  }

  private issue(
    reason: 'txn_token_issued' | 'txn_token_replaced',
    now: number,
    transaction: Omit<WorkloadTransaction, 'initiator'>,
  ): IssuedTransactionToken {
    const token = this.trust.minter.mint(transaction);
    const { txn, job, scopes, expiresAt } = transaction;
    const workload = transaction.workload.toString();
    this.events.record({ type: 'token', outcome: 'succeeded', reason, caller: workload });
    this.logger.info({ event: reason, txn, job, workload, scope: formatScope(scopes) });
    return { token, expiresIn: expiresAt - now };
  }
}

/** A map, so that no name is looked up among what every object has. */
function declaredFor(
  caller: SpiffeId,
  jobs: WorkloadJobs,
  names: WorkloadNames,
): ReadonlyMap<string, readonly string[]> | undefined {
  const found = Object.entries(jobs).find(([service]) =>
    spiffeIdOfService(names, service).equals(caller),
  );
  return found && new Map(Object.entries(found[1]));
}
