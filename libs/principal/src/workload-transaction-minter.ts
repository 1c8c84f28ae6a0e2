import { formatScope } from '@sallyport/tokens';
import type { SvidSource, TrustDomain } from '@sallyport/workload-identity';
import { SvidJwsSigner } from './svid-jws-signer';
import {
  LONGEST_LIFETIME_SECONDS,
  TRANSACTION_TOKEN_TYPE,
  type WorkloadTransaction,
} from './transaction-context';

export interface WorkloadTransactionMinterOptions {
  /** The transaction token service's own identity; a renewed SVID is used from the next token on. */
  readonly source: Pick<SvidSource, 'current'>;
  readonly trustDomain: TrustDomain;
}

/**
 * Mints the transaction token of a transaction that a workload has begun (draft-ietf-oauth-transaction-tokens). It decides
 * nothing: who may have which scopes is for the token service.
 */
export class WorkloadTransactionMinter {
  readonly #trustDomain: TrustDomain;
  readonly #signer: SvidJwsSigner;

  constructor({ source, trustDomain }: WorkloadTransactionMinterOptions) {
    this.#trustDomain = trustDomain;
    this.#signer = new SvidJwsSigner(TRANSACTION_TOKEN_TYPE, source);
  }

  /** @throws TypeError for a lifetime out of bounds, for no scope at all, or when the SVID's key is not ECDSA P-256. */
  mint(transaction: Omit<WorkloadTransaction, 'initiator'>): string {
    const { txn, workload, requestingWorkloads, scopes, job, issuedAt, expiresAt } = transaction;
    const lifetime = expiresAt - issuedAt;
    if (!(lifetime >= 1 && lifetime <= LONGEST_LIFETIME_SECONDS)) {
      throw new TypeError(`a transaction token lives 1 to ${LONGEST_LIFETIME_SECONDS} seconds`);
    }
    if (scopes.size === 0) throw new TypeError('a workload begins nothing without a scope');
    return this.#signer.sign(() => ({
      aud: this.#trustDomain.toString(),
      iat: issuedAt,
      exp: expiresAt,
      txn,
      sub: workload.toString(),
      scope: formatScope(scopes),
      req_wl: requestingWorkloads.join(','),
      tctx: { principal_type: 'workload' },
      rctx: { job },
    }));
  }
}
