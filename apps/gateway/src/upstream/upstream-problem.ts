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

/**
 * Lets through, as 401, a service's word that what the client presented in the request itself is not accepted: with these
 * reasons, and no other.
 */
export function clientRefusal(...reasons: readonly string[]): (error: unknown) => never {
  return (error) => {
    if (
      error instanceof RpcError &&
      error.status === 'UNAUTHENTICATED' &&
      reasons.includes(error.reason)
    ) {
      throw new ProblemError(401, error.reason, { cause: error });
    }
    throw error;
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
