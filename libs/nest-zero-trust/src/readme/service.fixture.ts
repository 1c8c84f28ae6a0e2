import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import {
  AllowCallers,
  CurrentPrincipal,
  grpcServerOptions,
  nestOptions,
  RequireScopes,
  RpcMethod,
  ZeroTrustModule,
  type ListenAddress,
  type RunningService,
  type ServiceTrust,
} from '@sallyport/nest-zero-trust';
import {
  createLogger,
  createRegistry,
  LoggedHandledCalls,
  LoggedSecurityEvents,
  type LogLevel,
} from '@sallyport/observability';
import type { Principal } from '@sallyport/principal';
import { systemClock } from '@sallyport/tokens';
import { FileSvidSource, TrustDomain } from '@sallyport/workload-identity';
import { GreeterServiceDefinition } from './greeter.fixture';
import type { GreetRequest, GreetResponse } from './greeter.fixture';

@Controller()
class GreeterController {
  @RpcMethod(GreeterServiceDefinition, 'greet')
  @AllowCallers('gateway')
  @RequireScopes('greetings:read')
  greet({ id: greeting }: GreetRequest, @CurrentPrincipal() user: Principal): GreetResponse {
    return { id: `${greeting}, ${user.id}` };
  }
}

@Module({ controllers: [GreeterController] })
class GreeterModule {
  static over(trust: ServiceTrust): DynamicModule {
    return { module: GreeterModule, imports: [ZeroTrustModule.forGrpc(trust)] };
  }
}

export async function start(
  svidDirectory: string,
  listen: ListenAddress,
  level: LogLevel,
): Promise<RunningService> {
  const service = 'greeter-service';
  const logger = createLogger({ service, level });
  const registry = createRegistry({ service });
  const source = await FileSvidSource.open({ directory: svidDirectory });
  const trust: ServiceTrust = {
    source,
    workload: {
      trustDomain: TrustDomain.parse('sallyport.internal'),
      namespace: 'sallyport',
      gateway: 'gateway',
    },
    events: new LoggedSecurityEvents({ logger, registry }),
    calls: new LoggedHandledCalls({ logger, registry }),
    logger,
    clock: systemClock,
  };
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(GreeterModule.over(trust), {
    ...nestOptions(logger),
    ...grpcServerOptions({ ...trust, listen, definitions: [GreeterServiceDefinition] }),
  });
  await app.listen();
  return {
    close: async () => {
      await app.close();
      source.close();
    },
  };
}
