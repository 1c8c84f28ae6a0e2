import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { ProblemExceptionFilter } from '@sallyport/nest-zero-trust';
import { runWithCorrelation } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';

/**
 * Answers every failed request with a problem that names its correlation id. What fails while a body arrives fails
 * outside of the asynchronous context the handlers run in, so the id is taken from the request again.
 */
@Catch()
export class GatewayExceptionFilter implements ExceptionFilter {
  constructor(private readonly problems: Pick<ProblemExceptionFilter, 'catch'>) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const { id } = host.switchToHttp().getRequest<FastifyRequest>();
    runWithCorrelation(id, () => {
      this.problems.catch(exception, host);
    });
  }
}
