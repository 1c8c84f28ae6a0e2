import { isIdentifier, parseScope } from '@sallyport/tokens';
import { SpiffeId } from '@sallyport/workload-identity';
import { createPrincipal, isEpochSeconds, isPrincipalType, type Principal } from './principal';
import {
  LONGEST_LIFETIME_SECONDS,
  type PrincipalTransaction,
  type RequestContext,
  type TransactionContext,
  type WorkloadTransaction,
} from './transaction-context';
import { TransactionTokenRejected } from './transaction-token-rejected';

/** What the claims of a transaction token have to agree with. */
export interface TransactionExpectations {
  /** The trust domain, by name. */
  readonly audience: string;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly clockToleranceSeconds: number;
}

type Payload = Readonly<Record<string, unknown>>;

/** A replacement names one more workload than what it replaces. */
const MOST_REQUESTING_WORKLOADS = 8;

/**
 * Validates claims in this order: audience (the trust domain and nothing else), shape, time.
 *
 * @throws TransactionTokenRejected
 */
export function validateTransactionClaims(
  payload: Payload,
  expected: TransactionExpectations,
): TransactionContext {
  if (payload['aud'] !== expected.audience) {
    throw new TransactionTokenRejected('txn_token_audience_wrong');
  }
  const { txn, iat, exp } = payload;
  if (!isIdentifier(txn) || !isEpochSeconds(iat) || !isEpochSeconds(exp)) throw invalid();
  const transaction = {
    txn,
    ...beginningOf(payload),
    requestingWorkloads: workloadsOf(payload['req_wl']),
    issuedAt: iat,
    expiresAt: exp,
  };
  validateTimes(transaction, expected);
  return Object.freeze(transaction);
}

function validateTimes(
  { issuedAt, expiresAt }: Pick<TransactionContext, 'issuedAt' | 'expiresAt'>,
  { now, clockToleranceSeconds }: TransactionExpectations,
): void {
  if (expiresAt <= now - clockToleranceSeconds) {
    throw new TransactionTokenRejected('txn_token_expired');
  }
  if (issuedAt > now + clockToleranceSeconds) {
    throw new TransactionTokenRejected('txn_token_not_yet_valid');
  }
  if (expiresAt <= issuedAt || expiresAt - issuedAt > LONGEST_LIFETIME_SECONDS) throw invalid();
}

type Beginning =
  | Pick<PrincipalTransaction, 'initiator' | 'principal' | 'context'>
  | Pick<WorkloadTransaction, 'initiator' | 'workload' | 'scopes' | 'job'>;

/** Who has begun the transaction, and with what. */
function beginningOf(payload: Payload): Beginning {
  const tctx = recordOf(payload['tctx']);
  if (tctx['principal_type'] !== 'workload') {
    return {
      initiator: 'principal',
      principal: principalOf(payload, tctx),
      context: requestContextOf(payload['rctx']),
    };
  }
  const scopes = scopesOf(payload['scope']);
  const { job } = recordOf(payload['rctx']);
  if (scopes.size === 0 || !isIdentifier(job)) throw invalid();
  return { initiator: 'workload', workload: workloadOf(payload['sub']), scopes, job };
}

function principalOf({ sub, scope }: Payload, tctx: Payload): Principal {
  const type = tctx['principal_type'];
  if (!isIdentifier(sub) || !isPrincipalType(type)) throw invalid();
  return createPrincipal({
    id: sub,
    type,
    scopes: scopesOf(scope),
    clientId: optional(tctx['client_id'], isIdentifier),
    sessionId: optional(tctx['sid'], isIdentifier),
    acr: optional(tctx['acr'], isIdentifier),
    authTime: optional(tctx['auth_time'], isEpochSeconds),
  });
}

function scopesOf(claim: unknown): ReadonlySet<string> {
  if (claim === '') return new Set();
  const scopes = typeof claim === 'string' ? parseScope(claim) : undefined;
  if (scopes === undefined) throw invalid();
  return scopes;
}

/** The draft joins them by commas, which a SPIFFE ID does not contain. */
function workloadsOf(claim: unknown): readonly SpiffeId[] {
  const presented = typeof claim === 'string' ? claim.split(',') : [];
  if (presented.length < 1 || presented.length > MOST_REQUESTING_WORKLOADS) throw invalid();
  return Object.freeze(presented.map(workloadOf));
}

function workloadOf(claim: unknown): SpiffeId {
  if (typeof claim !== 'string') throw invalid();
  try {
    return SpiffeId.parse(claim);
  } catch (cause) {
    throw new TransactionTokenRejected('txn_token_claims_invalid', { cause });
  }
}

function requestContextOf(claim: unknown): RequestContext {
  const { method, route, req_ip: clientAddress } = recordOf(claim);
  if (!isShortText(method) || !isShortText(route) || !isShortText(clientAddress)) throw invalid();
  return Object.freeze({ method, route, clientAddress });
}

function optional<Value>(
  claim: unknown,
  isValid: (value: unknown) => value is Value,
): Value | undefined {
  if (claim === undefined) return undefined;
  if (!isValid(claim)) throw invalid();
  return claim;
}

function recordOf(claim: unknown): Payload {
  if (typeof claim !== 'object' || claim === null || Array.isArray(claim)) throw invalid();
  return claim as Payload;
}

/** Printable ASCII, so that it can be logged as it is. */
function isShortText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,255}$/.test(value);
}

function invalid(): TransactionTokenRejected {
  return new TransactionTokenRejected('txn_token_claims_invalid');
}
