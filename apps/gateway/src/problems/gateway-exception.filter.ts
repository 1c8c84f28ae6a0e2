import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ProblemError, type ProblemExceptionFilter } from '@sallyport/nest-zero-trust';
import { runInSpan, runWithCorrelation, type SecurityEvents } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';
import { holdsWholeCredential } from '../hygiene/credential-traits';
import { spanOf } from '../listener/request-spans';
import { recordRefusal } from './record-refusal';

/**
 * Answers every failed request with a problem that names its correlation id. What fails while a body arrives fails
 * outside of the asynchronous context the handlers run in, so the id and the span are taken from the request again.
 */
@Catch()
export class GatewayExceptionFilter implements ExceptionFilter {
  constructor(
    private readonly problems: Pick<ProblemExceptionFilter, 'catch'>,
    private readonly events: SecurityEvents,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reason = unrecordedRefusal(exception, request);
    if (reason !== undefined) recordRefusal(this.events, request, { type: 'request', reason });
    const answer = () => {
      runWithCorrelation(request.id, () => {
        this.problems.catch(exception, host);
      });
    };
    runInSpan(spanOf(request.raw), answer);
  }
}

/** Why a body was refused, where nobody who refused it could say: by the framework, or as one of the wrong form. */
function unrecordedRefusal(exception: unknown, { body }: FastifyRequest): string | undefined {
  if (exception instanceof HttpException && exception.getStatus() === 413) return 'body_too_large';
  const isInvalid = exception instanceof ProblemError && exception.code === 'validation_failed';
  const isGivenAway = isInvalid && holdsWholeCredential(JSON.stringify(body ?? null));
  return isGivenAway ? 'credential_misplaced' : undefined;
}
