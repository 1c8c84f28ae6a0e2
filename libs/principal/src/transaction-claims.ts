import { isIdentifier, parseScope } from '@sallyport/tokens';
import { SpiffeId } from '@sallyport/workload-identity';
import { createPrincipal, isEpochSeconds, isPrincipalType, type Principal } from './principal';
import {
  LONGEST_LIFETIME_SECONDS,
  type RequestContext,
  type TransactionContext,
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
    principal: principalOf(payload),
    requestingWorkload: workloadOf(payload['req_wl']),
    context: requestContextOf(payload['rctx']),
    issuedAt: iat,
    expiresAt: exp,
  };
  validateTimes(transaction, expected);
  return Object.freeze(transaction);
}

function validateTimes(
  { issuedAt, expiresAt }: TransactionContext,
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

function principalOf(payload: Payload): Principal {
  const { sub, scope } = payload;
  if (!isIdentifier(sub) || typeof scope !== 'string') throw invalid();
  const scopes = scope === '' ? new Set<string>() : parseScope(scope);
  const tctx = recordOf(payload['tctx']);
  const type = tctx['principal_type'];
  if (scopes === undefined || !isPrincipalType(type)) throw invalid();
  return createPrincipal({
    id: sub,
    type,
    scopes,
    clientId: optional(tctx['client_id'], isIdentifier),
    sessionId: optional(tctx['sid'], isIdentifier),
    acr: optional(tctx['acr'], isIdentifier),
    authTime: optional(tctx['auth_time'], isEpochSeconds),
  });
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
