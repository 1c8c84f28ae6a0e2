import { Catch, type ExceptionFilter } from '@nestjs/common';
import { RPC_STATUS } from '@sallyport/contracts';
import type { Logger } from '@sallyport/observability';
import { throwError, type Observable } from 'rxjs';
import { logRpcFailure } from './log-rpc-failure';
import { WireStatus } from './wire-status';

/**
 * Ends a failed rpc with its exact status and stable reason; detail and stack go to the log alone.
 * Never throws: an error out of a filter would be an unhandled rejection.
 */
@Catch()
export class GrpcExceptionFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(exception: unknown): Observable<never> {
    if (exception instanceof WireStatus) return throwError(() => exception);
    const { status, reason } = logRpcFailure(this.logger, exception);
    return throwError(() => new WireStatus(RPC_STATUS[status], reason));
  }
}
