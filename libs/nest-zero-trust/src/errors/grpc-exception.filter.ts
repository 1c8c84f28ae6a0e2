import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { RPC_STATUS } from '@sallyport/contracts';
import type { Logger, SecurityEvents } from '@sallyport/observability';
import { throwError, type Observable } from 'rxjs';
import { recordNotFound } from './record-not-found';
import { logRpcFailure } from './log-rpc-failure';
import { retryAfterTrailer } from './retry-after-trailer';
import { WireStatus } from './wire-status';

/**
 * Ends a failed rpc with its exact status and stable reason; detail and stack go to the log alone.
 * Never throws: an error out of a filter would be an unhandled rejection.
 */
@Catch()
export class GrpcExceptionFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly events: SecurityEvents,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): Observable<never> {
    if (exception instanceof WireStatus) return throwError(() => exception);
    const { status, reason, retryAfterSeconds } = logRpcFailure(this.logger, exception);
    if (status === 'NOT_FOUND') recordNotFound(this.events, host, reason);
    const trailers = retryAfterTrailer(retryAfterSeconds);
    return throwError(() => new WireStatus(RPC_STATUS[status], reason, trailers));
  }
}
