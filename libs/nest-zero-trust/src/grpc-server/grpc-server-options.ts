import { requireGiven } from '../inbound/require-given';
import { GrpcServerStrategy, type GrpcServerOptions } from './grpc-server.strategy';

/**
 * The microservice options for `NestFactory.createMicroservice` or `app.connectMicroservice`.
 *
 * @throws TypeError without a source: there is no plaintext fallback
 */
export function grpcServerOptions(options: GrpcServerOptions): { strategy: GrpcServerStrategy } {
  requireGiven({ source: options.source });
  return { strategy: new GrpcServerStrategy(options) };
}
