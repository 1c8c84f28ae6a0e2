import { randomUUID } from 'node:crypto';
import { formatScope, type Clock } from '@sallyport/tokens';
import type { SvidSource, TrustDomain } from '@sallyport/workload-identity';
import type { Principal } from './principal';
import { SvidJwsSigner } from './svid-jws-signer';
import {
  LONGEST_LIFETIME_SECONDS,
  TRANSACTION_TOKEN_TYPE,
  type RequestContext,
} from './transaction-context';

export interface TransactionTokenMinterOptions {
  /** The gateway's own identity; a renewed SVID is used from the next token on. */
  readonly source: Pick<SvidSource, 'current'>;
  readonly trustDomain: TrustDomain;
  readonly clock: Clock;
  /** Whole seconds, 1 to 60; 60 when left out. */
  readonly lifetimeSeconds?: number;
  /** Makes the `txn`; random UUIDs when left out. */
  readonly newId?: () => string;
}

/** What one transaction token is for. */
export interface Transaction {
  readonly principal: Principal;
  readonly context: RequestContext;
}

/**
 * Mints the transaction token of a request (draft-ietf-oauth-transaction-tokens): ES256 by the key of the workload's own
 * SVID, whose chain travels in `x5c`; audience the trust domain; scope that of the principal, never wider.
 */
export class TransactionTokenMinter {
  readonly #options: Required<TransactionTokenMinterOptions>;
  readonly #signer: SvidJwsSigner;

  /** @throws TypeError when the lifetime is out of bounds. */
  constructor(options: TransactionTokenMinterOptions) {
    const { lifetimeSeconds = LONGEST_LIFETIME_SECONDS, newId = randomUUID } = options;
    if (
      !Number.isSafeInteger(lifetimeSeconds) ||
      lifetimeSeconds < 1 ||
      lifetimeSeconds > LONGEST_LIFETIME_SECONDS
    ) {
      throw new TypeError(`lifetimeSeconds has to be 1 to ${LONGEST_LIFETIME_SECONDS}`);
    }
    this.#options = { ...options, lifetimeSeconds, newId };
    this.#signer = new SvidJwsSigner(TRANSACTION_TOKEN_TYPE, options.source);
  }

  /** @throws TypeError when the SVID's key is not ECDSA P-256. */
  mint({ principal, context }: Transaction): string {
    const { trustDomain, clock, lifetimeSeconds, newId } = this.#options;
    return this.#signer.sign(({ spiffeId }) => {
      const issuedAt = Math.floor(clock().getTime() / 1000);
      // The names of draft-ietf-oauth-transaction-tokens.
      return {
        aud: trustDomain.toString(),
        iat: issuedAt,
        exp: issuedAt + lifetimeSeconds,
        txn: newId(),
        sub: principal.id,
        scope: formatScope(principal.scopes),
        req_wl: spiffeId.toString(),
        tctx: {
          principal_type: principal.type,
          client_id: principal.clientId,
          sid: principal.sessionId,
          acr: principal.acr,
          auth_time: principal.authTime,
        },
        rctx: { method: context.method, route: context.route, req_ip: context.clientAddress },
      };
    });
  }
}
