import { RpcError, type RpcStatus } from '@sallyport/contracts';
import { ProblemError } from '@sallyport/nest-zero-trust';
import { problem } from '../problems/problem';

const RETRY_AFTER_SECONDS = 2;

/** What the failure of a call means when it is not about the client's request. */
const OWN_PROBLEMS: Readonly<Partial<Record<RpcStatus, (cause: RpcError) => ProblemError>>> = {
  UNAVAILABLE: unavailable,
  DEADLINE_EXCEEDED: unavailable,
  CANCELLED: unavailable,
  // The client's credential was accepted here. A service that refuses it refuses this gateway.
  UNAUTHENTICATED: refused,
  PERMISSION_DENIED: refused,
  UNIMPLEMENTED: refused,
};

/**
 * Translates the failure of a call to a service. What the service says about the request stays an RpcError, whose status
 * and reason the exception filter answers with; a service that is gone is 503, one that does not accept this gateway 502.
 */
export function upstreamProblem(error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  return OWN_PROBLEMS[error.status]?.(error) ?? error;
}

/** What a service's refusal means when it is about the client after all. */
const CLIENT_STATUS: Readonly<Partial<Record<RpcStatus, 401 | 403>>> = {
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
};

/**
 * Lets through a service's word that what the client presented in the request itself is not accepted, as 401, or that the
 * client wants more than it may have, as 403: with these reasons, and no other.
 */
export function clientRefusal(...reasons: readonly string[]): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof RpcError) || !reasons.includes(error.reason)) throw error;
    const status = CLIENT_STATUS[error.status];
    throw status === undefined ? error : new ProblemError(status, error.reason, { cause: error });
  };
}

function unavailable(cause: RpcError): ProblemError {
  return problem('service_unavailable', {
    cause,
    detail: cause.message,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

function refused(cause: RpcError): ProblemError {
  return problem('upstream_refused', { cause, detail: cause.message });
}
