import type { Clock } from '@sallyport/tokens';
import type { SpiffeId, TrustBundle, TrustDomain } from '@sallyport/workload-identity';
import { SvidJwsRejected } from './svid-jws-rejected';
import { SvidJwsVerifier, type SvidSignedClaims } from './svid-jws-verifier';
import { validateTransactionClaims } from './transaction-claims';
import { TRANSACTION_TOKEN_TYPE, type TransactionContext } from './transaction-context';
import { TransactionTokenRejected } from './transaction-token-rejected';

/** Whose transaction tokens are believed, by who has begun the transaction. */
export interface TransactionIssuers {
  /** The gateway. */
  readonly principal: SpiffeId;
  /** The transaction token service; undefined: no transaction of a workload is believed. */
  readonly workload: SpiffeId | undefined;
}

export interface TransactionTokenVerifierOptions {
  /** Asked on every call, so that a renewed bundle counts at once. */
  readonly bundle: () => TrustBundle;
  readonly issuers: TransactionIssuers;
  readonly trustDomain: TrustDomain;
  readonly clock: Clock;
  /** By how much the issuers' clocks may differ; 5 seconds when left out. */
  readonly clockToleranceSeconds?: number;
}

/**
 * Verifies transaction tokens (draft-ietf-oauth-transaction-tokens): those of a principal that the gateway of this trust
 * domain has minted, and those of a workload that its transaction token service has.
 *
 * Checks, in this order: what {@link SvidJwsVerifier} checks; audience, shape of claims, time; that the signer mints tokens
 * of this kind. It does not check that a `txn` is new: a token is passed on unmodified and seen at every hop.
 */
export class TransactionTokenVerifier {
  readonly #options: Required<TransactionTokenVerifierOptions>;
  readonly #jws: SvidJwsVerifier;

  constructor(options: TransactionTokenVerifierOptions) {
    this.#options = { clockToleranceSeconds: 5, ...options };
    const { bundle, trustDomain, clock } = options;
    this.#jws = new SvidJwsVerifier({ type: TRANSACTION_TOKEN_TYPE, bundle, trustDomain, clock });
  }

  /** @throws TransactionTokenRejected */
  verify(presentedToken: string): TransactionContext {
    const { signer, claims } = this.#verifyJws(presentedToken);
    const { trustDomain, clock, clockToleranceSeconds, issuers } = this.#options;
    const transaction = validateTransactionClaims(claims, {
      audience: trustDomain.toString(),
      now: Math.floor(clock().getTime() / 1000),
      clockToleranceSeconds,
    });
    if (issuers[transaction.initiator]?.equals(signer) === true) return transaction;
    throw new TransactionTokenRejected('txn_token_issuer_wrong');
  }

  #verifyJws(presentedToken: string): SvidSignedClaims {
    const { principal, workload } = this.#options.issuers;
    try {
      return this.#jws.verify(
        presentedToken,
        (signer) => principal.equals(signer) || workload?.equals(signer) === true,
      );
    } catch (cause) {
      if (!(cause instanceof SvidJwsRejected)) throw cause;
      throw new TransactionTokenRejected(`txn_token_${cause.code}`, { cause });
    }
  }
}
