import { randomUUID, sign } from 'node:crypto';
import { formatScope, type Clock } from '@sallyport/tokens';
import type { Svid, SvidSource, TrustDomain } from '@sallyport/workload-identity';
import type { Principal } from './principal';
import {
  LONGEST_LIFETIME_SECONDS,
  type RequestContext,
  type TransactionContext,
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
  #header: { readonly svid: Svid; readonly encoded: string } | undefined;

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
  }

  /** @throws TypeError when the SVID's key is not ECDSA P-256. */
  mint({ principal, context }: Transaction): string {
    const { source, trustDomain, clock, lifetimeSeconds, newId } = this.#options;
    const { svid } = source.current();
    const issuedAt = Math.floor(clock().getTime() / 1000);
    const claims = claimsOf(trustDomain.toString(), {
      txn: newId(),
      principal,
      requestingWorkload: svid.spiffeId,
      context,
      issuedAt,
      expiresAt: issuedAt + lifetimeSeconds,
    });
    const signingInput = `${this.#headerOf(svid)}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(signingInput, 'latin1'), {
      key: svid.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${signingInput}.${signature.toString('base64url')}`;
  }

  #headerOf(svid: Svid): string {
    if (this.#header?.svid !== svid) {
      if (svid.privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
        throw new TypeError('ES256 takes an SVID with an ECDSA P-256 key');
      }
      const x5c = svid.chain.map((certificate) => certificate.toString('base64'));
      this.#header = { svid, encoded: encode({ alg: 'ES256', typ: 'txntoken+jwt', x5c }) };
    }
    return this.#header.encoded;
  }
}

/** The claims by their names in draft-ietf-oauth-transaction-tokens. */
function claimsOf(audience: string, transaction: TransactionContext): object {
  const { txn, principal, requestingWorkload, context, issuedAt, expiresAt } = transaction;
  return {
    aud: audience,
    iat: issuedAt,
    exp: expiresAt,
    txn,
    sub: principal.id,
    scope: formatScope(principal.scopes),
    req_wl: requestingWorkload.toString(),
    tctx: {
      principal_type: principal.type,
      client_id: principal.clientId,
      sid: principal.sessionId,
      acr: principal.acr,
      auth_time: principal.authTime,
    },
    rctx: { method: context.method, route: context.route, req_ip: context.clientAddress },
  };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
