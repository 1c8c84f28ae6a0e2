import {
  Controller,
  Module,
  type DynamicModule,
  type INestMicroservice,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { createRpcClient, ordersV1 } from '@sallyport/contracts';
import { correlationId, createLogger, type HandledCall } from '@sallyport/observability';
import type { Principal, WorkloadTransaction } from '@sallyport/principal';
import { FakeClock, RecordedSecurityEvents, type FakeCa } from '@sallyport/testing';
import type { SpiffeId, StaticSvidSource, SvidSource } from '@sallyport/workload-identity';
import {
  AllowCallers,
  CallingWorkload,
  ClientAddress,
  CurrentPrincipal,
  CurrentWorkloadTransaction,
  grpcServerOptions,
  GrpcTransport,
  nestOptions,
  PresentedTransactionToken,
  Public,
  RequirePrincipal,
  RequireScopes,
  RequireWorkloadTransaction,
  RpcMethod,
  RunAsWorkload,
  ServiceError,
  ZeroTrustModule,
  type GrpcServerOptions,
  type ServiceTrust,
} from './index';

const rpc = <Name extends string>(name: Name) =>
  ({
    name,
    requestType: ordersV1.GetOrderRequest,
    requestStream: false,
    responseType: ordersV1.ListOrdersResponse,
    responseStream: false,
  }) as const;

/** One method of each kind of declaration. */
export const ProbeDefinition = {
  name: 'ProbeService',
  fullName: 'sallyport.test.v1.ProbeService',
  methods: {
    open: rpc('Open'),
    personal: rpc('Personal'),
    scoped: rpc('Scoped'),
    own: rpc('Own'),
    forwarded: rpc('Forwarded'),
    failing: rpc('Failing'),
    begun: rpc('Begun'),
  },
} as const;

/** What the failing method throws, by the id it is asked for. */
export const FAILURES: Record<string, unknown> = {};

/** Answers what a handler was given in `nextPageToken`. */
@Controller()
export class ProbeController {
  @RpcMethod(ProbeDefinition, 'open')
  @AllowCallers('gateway', 'orders-service')
  @Public()
  open(request: ordersV1.GetOrderRequest, @ClientAddress() address: string | undefined) {
    return answer(`${request.id} ${address ?? 'nowhere'}`);
  }

  @RpcMethod(ProbeDefinition, 'personal')
  @AllowCallers('gateway', 'orders-service')
  @RequirePrincipal()
  personal(_request: ordersV1.GetOrderRequest, @CurrentPrincipal() { id, type }: Principal) {
    return answer(`${type} ${id}`);
  }

  @RpcMethod(ProbeDefinition, 'scoped')
  @AllowCallers('gateway', 'orders-service')
  @RequireScopes('orders:read', 'orders:write')
  scoped(_request: ordersV1.GetOrderRequest, @CurrentPrincipal() principal: Principal) {
    return Promise.resolve(answer([...principal.scopes].sort().join(' ')));
  }

  @RpcMethod(ProbeDefinition, 'own')
  @AllowCallers('orders-service')
  @RunAsWorkload()
  own(request: ordersV1.GetOrderRequest) {
    return answer(`${request.id} ${correlationId() ?? 'uncorrelated'}`);
  }

  @RpcMethod(ProbeDefinition, 'forwarded')
  @AllowCallers('gateway', 'orders-service')
  @RequirePrincipal()
  forwarded(_request: ordersV1.GetOrderRequest, @PresentedTransactionToken() token: string) {
    return answer(token);
  }

  @RpcMethod(ProbeDefinition, 'begun')
  @AllowCallers('gateway', 'orders-service')
  @RequireWorkloadTransaction('charges:void')
  begun(
    _request: ordersV1.GetOrderRequest,
    @CurrentWorkloadTransaction() { workload, job }: WorkloadTransaction,
    @CallingWorkload() caller: SpiffeId,
  ) {
    return answer(`${workload.toString()} ${job} ${caller.toString()}`);
  }

  @RpcMethod(ProbeDefinition, 'failing')
  @AllowCallers('orders-service')
  @Public()
  failing({ id }: ordersV1.GetOrderRequest): ordersV1.ListOrdersResponse {
    const failure: unknown = FAILURES[id] ?? new ServiceError('NOT_FOUND', 'order_not_found', id);
    throw failure;
  }
}

function answer(nextPageToken: string): ordersV1.ListOrdersResponse {
  return { orders: [], nextPageToken };
}

@Module({})
class ProbeModule {}

/** The root module of a service with these controllers. */
export function moduleWith(trust: ServiceTrust, ...controllers: Type[]): DynamicModule {
  return { module: ProbeModule, imports: [ZeroTrustModule.forGrpc(trust)], controllers };
}

/** What a service left behind. */
export class Traces {
  readonly events = new RecordedSecurityEvents();
  readonly handled: HandledCall[] = [];
  readonly log: string[] = [];
  readonly logger = createLogger({
    service: 'probe',
    level: 'info',
    destination: { write: (line) => void this.log.push(line) },
  });
  readonly calls = { record: (call: HandledCall) => void this.handled.push(call) };

  clear(): void {
    this.events.clear();
    this.handled.length = 0;
    this.log.length = 0;
  }
}

export interface ProbeOptions extends Partial<Omit<GrpcServerOptions, 'source' | 'workload'>> {
  readonly controller?: Type;
}

/** The service under test as `billing-service`, on a free port. */
export class RunningProbe {
  readonly #transports: GrpcTransport[] = [];

  private constructor(
    readonly ca: FakeCa,
    readonly source: StaticSvidSource,
    readonly traces: Traces,
    readonly clock: FakeClock,
    readonly app: INestMicroservice,
    readonly port: number,
  ) {}

  static async start(ca: FakeCa, options: ProbeOptions = {}): Promise<RunningProbe> {
    const traces = new Traces();
    const clock = new FakeClock(new Date());
    const source = await ca.source('billing-service');
    const trust = trustOf(ca, source, traces, clock);
    const { strategy } = grpcServerOptions({
      ...trust,
      listen: { host: '127.0.0.1', port: 0 },
      definitions: [ProbeDefinition],
      ...options,
    });
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(
      moduleWith(trust, options.controller ?? ProbeController),
      { strategy, ...nestOptions(traces.logger) },
    );
    await app.listen();
    return new RunningProbe(ca, source, traces, clock, app, strategy.address.port);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** A transport that ends with the probe. */
  transport(source: SvidSource): GrpcTransport {
    const { address } = this;
    const peer = this.ca.spiffeId('billing-service');
    const transport = new GrpcTransport({ address, source, peer });
    this.#transports.push(transport);
    return transport;
  }

  client(source: SvidSource) {
    return createRpcClient(ProbeDefinition, this.transport(source));
  }

  async stop(): Promise<void> {
    for (const transport of this.#transports) transport.close();
    await this.app.close();
  }
}

export function trustOf(
  ca: FakeCa,
  source: SvidSource,
  { events, calls, logger }: Traces,
  clock: FakeClock,
): ServiceTrust {
  const { trustDomain } = ca;
  const workload = {
    trustDomain,
    namespace: 'sallyport',
    gateway: 'gateway',
    transactionTokenService: 'auth-service',
  };
  return { source, workload, events, calls, logger, clock: clock.now };
}
