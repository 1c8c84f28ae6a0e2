import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { MicroserviceOptions } from '@nestjs/microservices';
import type { ordersV1 } from '@sallyport/contracts';
import { FakeCa, FakeClock } from '@sallyport/testing';
import type { SvidSource } from '@sallyport/workload-identity';
import { AllowCallers, grpcServerOptions, nestOptions, Public, RpcMethod } from '../index';
import {
  moduleWith,
  ProbeController,
  ProbeDefinition,
  RunningProbe,
  Traces,
  trustOf,
} from '../probe-service.fixture';

const OtherDefinition = {
  name: 'OtherService',
  fullName: 'sallyport.test.v1.OtherService',
  methods: { open: ProbeDefinition.methods.open },
} as const;

@Controller()
class IncompleteController {
  @RpcMethod(ProbeDefinition, 'open')
  @AllowCallers('gateway')
  @Public()
  open(): ordersV1.ListOrdersResponse {
    return { orders: [], nextPageToken: '' };
  }
}

@Module({ controllers: [ProbeController] })
class UnguardedModule {}

describe('a gRPC server', () => {
  let ca: FakeCa;
  const traces = new Traces();
  const listen = { host: '127.0.0.1', port: 0 };

  beforeAll(async () => {
    ca = await FakeCa.create();
  });

  const trust = async () =>
    trustOf(ca, await ca.source('billing-service'), traces, new FakeClock(new Date()));

  it('does not start without an SvidSource', async () => {
    const source = undefined as unknown as SvidSource;
    const options = { ...(await trust()), source, listen, definitions: [ProbeDefinition] };
    expect(() => grpcServerOptions(options)).toThrow(TypeError);
  });

  it('does not start when a method has no handler', async () => {
    await expect(
      RunningProbe.start(ca, { controller: IncompleteController }),
    ).rejects.toMatchObject({
      code: 'handler_missing',
      message: '/sallyport.test.v1.ProbeService/Personal has no handler',
    });
  });

  it('does not start when a handler has no definition', async () => {
    await expect(
      RunningProbe.start(ca, { definitions: [OtherDefinition], controller: ProbeController }),
    ).rejects.toThrow('/sallyport.test.v1.OtherService/Open has no handler');
    await expect(RunningProbe.start(ca, { definitions: [] })).rejects.toThrow(
      'no definition served has /sallyport.test.v1.ProbeService/Open',
    );
  });

  it('does not start without ZeroTrustModule', async () => {
    const { strategy } = grpcServerOptions({
      ...(await trust()),
      listen,
      definitions: [ProbeDefinition],
    });
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(UnguardedModule, {
      strategy,
      ...nestOptions(traces.logger),
    });
    await expect(app.listen()).rejects.toThrow('ZeroTrustModule.forGrpc is not imported');
  });

  it('does not start on an address that is taken', async () => {
    const probe = await RunningProbe.start(ca);
    const taken = { host: '127.0.0.1', port: probe.port };
    await expect(RunningProbe.start(ca, { listen: taken })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port: probe.port,
    });
    await probe.stop();
  });

  const hybrid = async (inheritAppConfig: boolean): Promise<NestFastifyApplication> => {
    const given = await trust();
    const app = await NestFactory.create<NestFastifyApplication>(
      moduleWith(given, ProbeController),
      new FastifyAdapter(),
      nestOptions(traces.logger),
    );
    const options = grpcServerOptions({ ...given, listen, definitions: [ProbeDefinition] });
    app.connectMicroservice<MicroserviceOptions>(options, { inheritAppConfig });
    return app;
  };

  it('does not start in a hybrid application that drops its guards', async () => {
    const app = await hybrid(false);
    await expect(app.startAllMicroservices()).rejects.toThrow('the guards are not in force');
    await app.close();
  });

  it('starts in a hybrid application that keeps its guards, and leaves no event by checking', async () => {
    traces.clear();
    const app = await hybrid(true);
    await app.startAllMicroservices();
    expect(traces.events.all).toEqual([]);
    expect(traces.log).toEqual([]);
    await app.close();
  });
});
