import { RpcError, type RpcStatus } from '@sallyport/contracts';
import { ServiceError } from './service-error';

/** How a failed call ends on the wire, and what the log says about it. */
export interface RpcFailure {
  readonly status: RpcStatus;
  readonly reason: string;
  readonly detail?: string | undefined;
  /** Nobody decided this failure: a defect, logged with its stack. */
  readonly isDefect: boolean;
}

/** Thrown by persistence when the database cannot be used; recognised by its code, so that no driver is imported. */
const DATABASE_UNAVAILABLE = 'database_unavailable';

/** Maps whatever a guard, handler or interceptor threw; what it does not know is `INTERNAL`, never `UNKNOWN`. */
export function rpcFailureOf(error: unknown): RpcFailure {
  if (error instanceof ServiceError) {
    return { status: error.status, reason: error.reason, detail: error.detail, isDefect: false };
  }
  if (error instanceof RpcError) {
    const status = error.status === 'UNKNOWN' ? 'INTERNAL' : error.status;
    return { status, reason: error.reason, isDefect: false };
  }
  if (codeOf(error) === DATABASE_UNAVAILABLE) {
    return { status: 'UNAVAILABLE', reason: DATABASE_UNAVAILABLE, isDefect: false };
  }
  return { status: 'INTERNAL', reason: 'internal_error', isDefect: true };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
