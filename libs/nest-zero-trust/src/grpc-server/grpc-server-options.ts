import { GrpcServerStrategy, type GrpcServerOptions } from './grpc-server.strategy';

/**
 * The microservice options for `NestFactory.createMicroservice` or `app.connectMicroservice`.
 *
 * @throws TypeError without a source: there is no plaintext fallback
 */
export function grpcServerOptions(options: GrpcServerOptions): { strategy: GrpcServerStrategy } {
  const { source }: Partial<GrpcServerOptions> = options;
  if (!source) throw new TypeError('a gRPC server needs an SvidSource');
  return { strategy: new GrpcServerStrategy(options) };
}
