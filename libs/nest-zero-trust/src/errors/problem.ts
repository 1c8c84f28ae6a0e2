import { HttpException } from '@nestjs/common';
import { HTTP_STATUS_OF } from './http-status';
import { ProblemError, type ProblemOptions } from './problem-error';
import { rpcFailureOf } from './rpc-failure';

/** How a failed request is answered, and what the log says about it. */
export interface Problem extends Pick<
  ProblemOptions,
  'detail' | 'challenge' | 'retryAfterSeconds' | 'extensions'
> {
  readonly status: number;
  readonly code: string;
  /** Nobody decided this failure: a defect, logged with its stack. */
  readonly isDefect: boolean;
}

/** Codes of what the framework refuses by itself. */
const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  408: 'request_timeout',
  413: 'body_too_large',
  414: 'uri_too_long',
  415: 'media_type_unsupported',
  429: 'too_many_requests',
  431: 'headers_too_large',
  503: 'service_unavailable',
};

/** The code of a refusal of which only the status is to be told. */
export function codeOfStatus(status: number): string {
  return CODE_OF_STATUS[status] ?? (status >= 500 ? 'internal_error' : 'request_refused');
}

const RETRY_AFTER_SECONDS = 2;

/** Maps whatever a guard, handler or the framework threw; what it does not know is 500 `internal_error`. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return ofProblemError(error);
  if (error instanceof HttpException) return ofHttpException(error);
  const { status: rpcStatus, reason, detail, isDefect, ...failure } = rpcFailureOf(error);
  const status = HTTP_STATUS_OF[rpcStatus];
  const retryAfterSeconds =
    failure.retryAfterSeconds ?? (status === 503 ? RETRY_AFTER_SECONDS : undefined);
  return {
    status,
    code: reason,
    isDefect,
    ...(detail !== undefined && { detail }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}

function ofProblemError({ status, code, options }: ProblemError): Problem {
  const { detail, challenge, extensions, retryAfterSeconds } = options;
  const retryAfter = retryAfterSeconds ?? (status === 503 ? RETRY_AFTER_SECONDS : undefined);
  return {
    status,
    code,
    isDefect: false,
    ...(detail !== undefined && { detail }),
    ...(challenge !== undefined && { challenge }),
    ...(extensions !== undefined && { extensions }),
    ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }),
  };
}

function ofHttpException(error: HttpException): Problem {
  const status = error.getStatus();
  if (status >= 500) return { status, code: 'internal_error', isDefect: true };
  return { status, code: codeOfStatus(status), detail: error.message, isDefect: false };
}
