import { RpcError, type RpcStatus } from '@sallyport/contracts';
import { ServiceError } from './service-error';

/** How a failed call ends on the wire, and what the log says about it. */
export interface RpcFailure {
  readonly status: RpcStatus;
  readonly reason: string;
  readonly detail?: string | undefined;
  /** Seconds. */
  readonly retryAfterSeconds?: number | undefined;
  /** Nobody decided this failure: a defect, logged with its stack. */
  readonly isDefect: boolean;
}

/** What persistence and the identity's source throw, recognised by its code, so that no driver is imported. The code is the reason. */
const KNOWN_CODES: ReadonlyMap<string | undefined, RpcStatus> = new Map([
  ['database_unavailable', 'UNAVAILABLE'],
  ['page_size_out_of_range', 'INVALID_ARGUMENT'],
  ['page_token_invalid', 'INVALID_ARGUMENT'],
  ['svid_unavailable', 'UNAVAILABLE'],
]);

/** Maps whatever a guard, handler or interceptor threw; what it does not know is `INTERNAL`, never `UNKNOWN`. */
export function rpcFailureOf(error: unknown): RpcFailure {
  if (error instanceof ServiceError) {
    const { status, reason, detail, retryAfterSeconds } = error;
    return { status, reason, detail, retryAfterSeconds, isDefect: false };
  }
  if (error instanceof RpcError) {
    const status = error.status === 'UNKNOWN' ? 'INTERNAL' : error.status;
    const { reason, retryAfterSeconds } = error;
    return { status, reason, retryAfterSeconds, isDefect: false };
  }
  const code = codeOf(error);
  const status = KNOWN_CODES.get(code);
  if (status !== undefined && code !== undefined) return { status, reason: code, isDefect: false };
  return { status: 'INTERNAL', reason: 'internal_error', isDefect: true };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
