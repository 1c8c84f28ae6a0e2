import type { SpiffeId } from '@sallyport/workload-identity';
import type { Principal } from './principal';

/** A transaction token lives no longer than this. */
export const LONGEST_LIFETIME_SECONDS = 60;

/** The `typ` of transaction tokens. */
export const TRANSACTION_TOKEN_TYPE = 'txntoken+jwt';

/** The external request a transaction began with: the claim `rctx`. */
export interface RequestContext {
  /** HTTP method. */
  readonly method: string;
  /** The route template, e.g. `/orders/:id`; never the path with its ids. */
  readonly route: string;
  readonly clientAddress: string;
}

interface Transaction {
  /** The id of the transaction, the same at every hop. */
  readonly txn: string;
  /** The workloads that asked for the token, the first one first: a replacement appends who asked for it. */
  readonly requestingWorkloads: readonly SpiffeId[];
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/** A transaction that began with a request to the gateway. */
export interface PrincipalTransaction extends Transaction {
  readonly initiator: 'principal';
  readonly principal: Principal;
  readonly context: RequestContext;
}

/**
 * A transaction that a workload has begun by itself. There is no principal in it, so that nothing which works for one
 * can be given a workload in its place.
 */
export interface WorkloadTransaction extends Transaction {
  readonly initiator: 'workload';
  /** The subject. */
  readonly workload: SpiffeId;
  readonly scopes: ReadonlySet<string>;
  /** What it runs, e.g. `settle-orders`: the claim `rctx`. */
  readonly job: string;
}

/** What a verified transaction token says. */
export type TransactionContext = PrincipalTransaction | WorkloadTransaction;
