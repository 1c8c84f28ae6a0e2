import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { GrpcExceptionFilter } from './grpc-exception.filter';
import type { ProblemExceptionFilter } from './problem-exception.filter';

/** Answers each call in its own protocol, for applications that serve gRPC and HTTP. */
@Catch()
export class ZeroTrustExceptionFilter implements ExceptionFilter {
  constructor(
    private readonly grpc: GrpcExceptionFilter,
    private readonly http: ProblemExceptionFilter,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): unknown {
    if (host.getType<string>() === 'rpc') return this.grpc.catch(exception, host);
    this.http.catch(exception, host);
    return undefined;
  }
}
