import type { SpiffeId } from '@sallyport/workload-identity';
import type { Principal } from './principal';

/** A transaction token lives no longer than this. */
export const LONGEST_LIFETIME_SECONDS = 60;

/** The external request a transaction began with: the claim `rctx`. */
export interface RequestContext {
  /** HTTP method. */
  readonly method: string;
  /** The route template, e.g. `/orders/:id`; never the path with its ids. */
  readonly route: string;
  readonly clientAddress: string;
}

/** What a verified transaction token says. */
export interface TransactionContext {
  /** The id of the transaction, the same at every hop. */
  readonly txn: string;
  readonly principal: Principal;
  /** The workload that asked for the token. */
  readonly requestingWorkload: SpiffeId;
  readonly context: RequestContext;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}
