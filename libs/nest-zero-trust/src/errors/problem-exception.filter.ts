import { STATUS_CODES } from 'node:http';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { correlationId, type Logger } from '@sallyport/observability';
import { httpRequestOf } from '../inbound/carrier';
import { bearerChallenge } from './bearer-challenge';
import { codeOfStatus, problemOf, type Problem } from './problem';

export interface ProblemFilterOptions {
  readonly adapterHost: HttpAdapterHost;
  readonly logger: Logger;
  /** Of the default `WWW-Authenticate` challenge of a 401. */
  readonly realm: string;
  /**
   * Every code there is. A problem with another one is logged as such and answered with the code of its status, so that
   * what clients are told to expect is all they get. Any code is answered when this is left out.
   */
  readonly codes?: ReadonlySet<string>;
}

/**
 * Answers a failed request as RFC 9457 `application/problem+json`: a stable code, the correlation id,
 * and no detail that helps probing; that goes to the log. A 401 carries `WWW-Authenticate` (RFC 9110
 * §15.5.2), a 503 `Retry-After`.
 */
@Catch()
export class ProblemExceptionFilter implements ExceptionFilter {
  constructor(private readonly options: ProblemFilterOptions) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const { adapterHost, logger, realm } = this.options;
    if (wasGivenUp(host)) {
      logger.info({ event: 'client_closed_request', correlationId: correlationId() });
      return;
    }
    const correlation = correlationId();
    const problem = this.#listed(problemOf(exception), correlation);
    const { status, code, detail, isDefect } = problem;
    if (isDefect) logger.error({ event: 'defect', correlationId: correlation, error: exception });
    else {
      const target = targetOf(host);
      const known = { correlationId: correlation, target, status, code, detail };
      logger.info({ event: 'request_failed', ...known });
    }

    const { httpAdapter } = adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    if (httpAdapter.isHeadersSent(response)) return;
    for (const [name, value] of headersOf(problem, realm)) {
      httpAdapter.setHeader(response, name, value);
    }
    httpAdapter.reply(response, JSON.stringify(documentOf(problem, correlation)), status);
  }

  #listed(problem: Problem, correlation: string | undefined): Problem {
    const { codes, logger } = this.options;
    const { code, status } = problem;
    if (codes?.has(code) !== false) return problem;
    logger.error({ event: 'problem_code_unlisted', correlationId: correlation, code, status });
    return { ...problem, code: codeOfStatus(status) };
  }
}

/** Whether the client has gone in the middle of its request: nobody is at fault, and nobody is left to answer. */
function wasGivenUp(host: ArgumentsHost): boolean {
  const request = httpRequestOf(host);
  return request?.destroyed === true && !request.complete;
}

/** The method and the route template, where the framework knows it; never the path, which may hold anything. */
function targetOf(host: ArgumentsHost): string {
  const { method, routeOptions } = host.switchToHttp().getRequest<{
    readonly method: string;
    readonly routeOptions?: { readonly url?: string | undefined };
  }>();
  return `${method} ${routeOptions?.url ?? ''}`.trimEnd();
}

/** The body of a problem answer (RFC 9457 §3.1). */
export function documentOf(
  { status, code, extensions }: Pick<Problem, 'status' | 'code' | 'extensions'>,
  correlation: string | undefined,
): Readonly<Record<string, unknown>> {
  return {
    ...extensions,
    type: `urn:sallyport:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    correlationId: correlation,
  };
}

function headersOf(problem: Problem, realm: string): readonly (readonly [string, string])[] {
  const { status, challenge, retryAfterSeconds } = problem;
  const authenticate = challenge ?? (status === 401 ? bearerChallenge({ realm }) : undefined);
  const headers: (readonly [string, string])[] = [
    ['content-type', 'application/problem+json'],
    ['cache-control', 'no-store'],
  ];
  if (authenticate !== undefined) headers.push(['www-authenticate', authenticate]);
  if (retryAfterSeconds !== undefined) headers.push(['retry-after', String(retryAfterSeconds)]);
  return headers;
}
