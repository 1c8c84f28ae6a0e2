import { randomBytes } from 'node:crypto';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Controller, Get } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { runInSpan, startRequestSpan, type Tracing } from '@sallyport/observability';
import { FakeCa, TraceCollector, type ReceivedSpan } from '@sallyport/testing';
import { mutualTlsServerOptions, type SvidPem } from '@sallyport/workload-identity';
import {
  AllowCallers,
  internalHttpsOptions,
  internalRequestTracing,
  MutualTlsAgent,
  mutualTlsAgent,
  nestOptions,
  openTracing,
  Public,
} from '../index';
import { RepeatedPasses } from '../boot/repeated-passes';
import { FAILURES, moduleWith, RunningProbe, Traces, trustOf } from '../probe-service.fixture';
import { RawClient } from '../raw-client.fixture';

const SETTINGS = {
  OTEL_TRACES_SAMPLER: 'parentbased_always_on',
  OTEL_TRACES_SAMPLER_ARG: 1,
  OTEL_BSP_SCHEDULE_DELAY: 50,
  OTEL_BSP_MAX_QUEUE_SIZE: 512,
} as const;
const TIMEOUT = { timeoutMs: 5_000 };
const OWN = 'sallyport.test.v1.ProbeService/Own';
const FAILING = 'sallyport.test.v1.ProbeService/Failing';
const [SERVER, CLIENT] = [2, 3];

@Controller()
class KeysController {
  @Get('keys/:id')
  @AllowCallers('gateway')
  @Public()
  keys() {
    return {};
  }
}

describe('spans between workloads', () => {
  const traces = new Traces();
  let ca: FakeCa;
  let collector: TraceCollector;
  let tracing: Tracing;
  let probe: RunningProbe;
  let https: NestFastifyApplication;
  let httpsUrl: string;
  let agent: MutualTlsAgent;

  beforeAll(async () => {
    ca = await FakeCa.create();
    collector = await TraceCollector.start(mutualTlsServerOptions(await ca.context('collector')));
    probe = await RunningProbe.start(ca);
    const source = await ca.source('orders-service');
    tracing = openTracing({
      service: 'probe',
      config: {
        ...SETTINGS,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        TRACE_COLLECTOR_WORKLOAD: 'sallyport/collector',
      },
      workload: { trustDomain: ca.trustDomain, namespace: 'elsewhere' },
      ...{ source, logger: traces.logger },
    });
    const authSource = await ca.source('auth-service');
    const trust = trustOf(ca, authSource, traces, probe.clock);
    https = await NestFactory.create<NestFastifyApplication>(
      moduleWith(trust, KeysController),
      new FastifyAdapter({ https: internalHttpsOptions(authSource) }),
      nestOptions(traces.logger),
    );
    const hooks = internalRequestTracing(trust);
    https
      .getHttpAdapter()
      .getInstance()
      .addHook('onRequest', hooks.onRequest)
      .addHook('onResponse', hooks.onResponse);
    await https.listen(0, '127.0.0.1');
    const { port } = (https.getHttpServer() as unknown as Server).address() as AddressInfo;
    httpsUrl = `https://127.0.0.1:${port}`;
    agent = mutualTlsAgent({
      source: await ca.source('gateway'),
      peer: ca.spiffeId('auth-service'),
    });
  });
  afterAll(async () => {
    await agent.close();
    await https.close();
    await probe.stop();
    await tracing.close();
    await collector.close();
  });

  /** The spans of what is done for one request, once there are so many. */
  const traceOf = async (
    work: () => Promise<unknown>,
    count: number,
  ): Promise<readonly ReceivedSpan[]> => {
    const request = startRequestSpan({ name: 'GET /probe' });
    const traceId = request?.spanContext().traceId;
    await runInSpan(request, work);
    request?.end();
    const ofIt = (spans: readonly ReceivedSpan[]) =>
      spans.filter((span) => span.traceId === traceId);
    return ofIt(await collector.until((spans) => ofIt(spans).length >= count));
  };
  const named = (spans: readonly ReceivedSpan[], name: string, kind: number) =>
    spans.find((span) => span.name === name && span.kind === kind);
  const freshIds = () => ({
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
  });

  it('continue over gRPC', async () => {
    const client = probe.client(await ca.source('orders-service'));
    const spans = await traceOf(() => client.own({ id: 'o-1' }, TIMEOUT), 3);
    const [root, call, handled] = [
      named(spans, 'GET /probe', SERVER),
      named(spans, OWN, CLIENT),
      named(spans, OWN, SERVER),
    ];
    expect([call?.parentSpanId, handled?.parentSpanId]).toEqual([root?.spanId, call?.spanId]);
    expect(call?.attributes).toMatchObject({
      'rpc.system.name': 'grpc',
      'rpc.method': OWN,
      'rpc.status_code': 'OK',
      'server.address': '127.0.0.1',
      'server.port': probe.port,
    });
    expect(handled?.attributes).toMatchObject({ 'rpc.method': OWN, 'rpc.status_code': 'OK' });
  });

  it('tell how a call ended, and nothing of why', async () => {
    const client = probe.client(await ca.source('orders-service'));
    FAILURES['secret-1'] = new Error('password is s3cret');
    const call = () => client.failing({ id: 'secret-1' }, TIMEOUT).catch(() => undefined);
    const spans = await traceOf(call, 3);
    for (const kind of [CLIENT, SERVER]) {
      const span = named(spans, FAILING, kind);
      expect(span?.attributes).toMatchObject({
        'rpc.status_code': 'INTERNAL',
        'error.type': 'INTERNAL',
      });
      expect(span?.status).toBe(2);
    }
    expect(collector.text).not.toMatch(/s3cret|secret-1/);
  });

  it('have a refusal for an error of the caller alone', async () => {
    const client = probe.client(await ca.source('gateway'));
    const spans = await traceOf(() => client.own({ id: 'o-1' }, TIMEOUT).catch(() => undefined), 3);
    const status = { 'rpc.status_code': 'PERMISSION_DENIED' };
    expect(named(spans, OWN, CLIENT)).toMatchObject({ attributes: status, status: 2 });
    expect(named(spans, OWN, SERVER)).toMatchObject({ attributes: status, status: 0 });
  });

  it('say themselves what they continue, whatever metadata a call is given', async () => {
    const client = probe.client(await ca.source('orders-service'));
    const { traceId, spanId } = freshIds();
    const metadata = { traceparent: `00-${traceId}-${spanId}-01` };
    const spans = await traceOf(() => client.own({ id: 'o-1' }, { ...TIMEOUT, metadata }), 3);
    expect(named(spans, OWN, SERVER)?.parentSpanId).toBe(named(spans, OWN, CLIENT)?.spanId);
  });

  it.each<readonly [what: string, identity: () => Promise<SvidPem>]>([
    ['of another trust domain', () => ca.leaf('orders-service').otherTrustDomain().issue()],
    ['with two ids', () => ca.leaf('orders-service').twoUriSans().issue()],
  ])('are not made for a peer %s, whose trace is not believed', async (_what, identity) => {
    const { traceId, spanId } = freshIds();
    const raw = new RawClient(probe.port, ca.bundlePem);
    const headers = { traceparent: `00-${traceId}-${spanId}-01` };
    const call = async (from: SvidPem) => {
      const session = raw.session(from);
      const ending = await session.call(`/${OWN}`, headers);
      session.close();
      return ending;
    };

    const refused = await call(await identity());
    expect(refused.status).not.toBe(0);
    // The same from a workload is continued; by then the other would have arrived.
    const passed = await call(await ca.leaf('orders-service').issue());
    expect(passed.status).toBe(0);
    const continued = (spans: readonly ReceivedSpan[]) =>
      spans.filter((span) => span.traceId === traceId);
    await collector.until((spans) => continued(spans).length > 0);
    await traceOf(() => Promise.resolve(), 1);
    expect(continued(collector.spans)).toHaveLength(1);
  });

  it('continue over HTTPS, without the path', async () => {
    const ask = async (): Promise<void> => {
      const { body } = await agent.exchange({
        origin: httpsUrl,
        path: '/keys/k-17?token=t-17',
        method: 'GET',
      });
      await body.dump();
    };
    const spans = await traceOf(ask, 3);
    const call = named(spans, 'GET', CLIENT);
    const handled = named(spans, 'GET /keys/:id', SERVER);
    expect(handled?.parentSpanId).toBe(call?.spanId);
    expect(handled?.parentSpanId).toBe(call?.spanId);
    expect(handled?.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/keys/:id',
      'http.response.status_code': 200,
    });
    expect(collector.text).not.toMatch(/k-17|t-17/);
  });

  it('of a pass of a job are a trace of their own', async () => {
    const passes = new RepeatedPasses(
      { name: 'prune_things', pauseMs: () => 0, run: () => Promise.resolve() },
      traces.logger,
    );
    const spans = await traceOf(() => passes.pass(), 1);
    expect(spans.map(({ name }) => name)).toEqual(['GET /probe']);
    const all = await collector.until((found) => found.some(({ name }) => name === 'prune_things'));
    expect(all.find(({ name }) => name === 'prune_things')?.parentSpanId).toBe('');
  });
});

describe('openTracing', () => {
  const traces = new Traces();
  let ca: FakeCa;
  beforeAll(async () => {
    ca = await FakeCa.create();
  });

  const open = async (config: Record<string, string>) =>
    openTracing({
      service: 'probe',
      config: { ...SETTINGS, ...config },
      workload: { trustDomain: ca.trustDomain, namespace: 'sallyport' },
      source: await ca.source('orders-service'),
      logger: traces.logger,
    });

  it('delivers nothing to a collector that is another workload', async () => {
    const impostor = await TraceCollector.start(
      mutualTlsServerOptions(await ca.context('gateway')),
    );
    const tracing = await open({
      OTEL_EXPORTER_OTLP_ENDPOINT: impostor.url,
      TRACE_COLLECTOR_WORKLOAD: 'collector',
    });
    startRequestSpan({ name: 'GET /probe' })?.end();
    await tracing.close();
    await impostor.close();

    expect(impostor.spans).toEqual([]);
    expect(traces.log.join('')).toContain('traces_not_delivered');
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_CLIENT_KEY: '/k' }, 'OTEL_EXPORTER_OTLP_CLIENT_KEY'],
    [{ OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/c' }, 'OTEL_EXPORTER_OTLP_CLIENT_KEY'],
    [
      { TRACE_COLLECTOR_WORKLOAD: 'c', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
      'TRACE_COLLECTOR_WORKLOAD',
    ],
    [
      { TRACE_COLLECTOR_WORKLOAD: 'c', OTEL_EXPORTER_OTLP_CERTIFICATE: '/c' },
      'TRACE_COLLECTOR_WORKLOAD',
    ],
  ])('refuses %p, naming %s', async (config, variable) => {
    await expect(open(config)).rejects.toMatchObject({
      code: 'configuration_invalid',
      variable,
    });
  });
});
