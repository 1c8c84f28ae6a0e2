import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '../logger';
import { isTracing, runInSpan, startRequestSpan } from './spans';
import { startTracing, type TraceSettings, type Tracing } from './start-tracing';

const SETTINGS: TraceSettings = {
  OTEL_TRACES_SAMPLER: 'always_on',
  OTEL_TRACES_SAMPLER_ARG: 1,
  OTEL_BSP_SCHEDULE_DELAY: 50,
  OTEL_BSP_MAX_QUEUE_SIZE: 16,
};

/** Answers with what is next in `statuses`, the last again and again. */
class Endpoint {
  readonly bodies: string[] = [];
  readonly headers: unknown[] = [];
  statuses: number[] = [200];
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      this.bodies.push(Buffer.concat(chunks).toString('latin1'));
      this.headers.push(request.headers);
      const [status = 200] = this.statuses;
      if (this.statuses.length > 1) this.statuses.shift();
      response.writeHead(status).end();
    });
  });

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

describe('startTracing', () => {
  const log: Record<string, unknown>[] = [];
  const logger = createLogger({
    service: 'probe',
    level: 'info',
    destination: { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) },
  });
  let endpoint: Endpoint;
  let url: string;
  let tracing: Tracing | undefined;

  beforeEach(async () => {
    log.length = 0;
    endpoint = new Endpoint();
    url = await endpoint.listen();
  });
  afterEach(async () => {
    await tracing?.close();
    tracing = undefined;
    endpoint.close();
  });

  const start = (settings: Partial<TraceSettings>): Tracing =>
    (tracing = startTracing({ service: 'probe', settings: { ...SETTINGS, ...settings }, logger }));
  const events = (event: string) => log.filter((line) => line['event'] === event);
  const until = async (isThere: () => boolean): Promise<void> => {
    for (let round = 0; round < 200 && !isThere(); round += 1) await delay(25);
    expect(isThere()).toBe(true);
  };

  it.each<readonly [what: string, settings: Partial<TraceSettings>]>([
    ['there is no endpoint', {}],
    [
      'it is switched off',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' },
    ],
  ])('makes no spans when %s', async (_what, settings) => {
    const started = start(settings);
    expect([started.isOn, isTracing()]).toEqual([false, false]);
    await started.close();
  });

  it('exports what has ended, with the service and the headers it is told', async () => {
    const { isOn } = start({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: { 'x-scope': 'one' },
      OTEL_RESOURCE_ATTRIBUTES: { 'service.name': 'another', 'k8s.pod.name': 'probe-0' },
    });
    startRequestSpan({ name: 'GET /orders' })?.end();
    await until(() => endpoint.bodies.length > 0);

    expect(isOn).toBe(true);
    expect(endpoint.bodies[0]).toContain('GET /orders');
    expect(endpoint.bodies[0]).toContain('probe-0');
    expect(endpoint.bodies[0]).not.toContain('another');
    expect(endpoint.headers[0]).toMatchObject({
      'content-type': 'application/x-protobuf',
      'x-scope': 'one',
    });
  });

  it('writes the id of the trace into log lines, while it is kept', () => {
    start({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const span = startRequestSpan({ name: 'GET /orders' });
    runInSpan(span, () => {
      logger.info({ event: 'inside' });
    });
    logger.info({ event: 'outside' });
    span?.end();

    expect(events('inside')).toEqual([
      expect.objectContaining({ traceId: span?.spanContext().traceId }),
    ]);
    expect(events('outside')[0]).not.toHaveProperty('traceId');
  });

  it('says once that spans do not arrive, and once that they do again', async () => {
    endpoint.statuses = [400, 400, 400, 200];
    start({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    for (let round = 1; round <= 5; round += 1) {
      startRequestSpan({ name: 'GET /orders' })?.end();
      await until(() => endpoint.bodies.length >= round);
    }
    await until(() => events('traces_delivered_again').length > 0);

    expect(events('traces_not_delivered')).toHaveLength(1);
    expect(events('traces_delivered_again')).toEqual([expect.objectContaining({ lost: 3 })]);
  });

  it('ends in time while the collector is away, and says so once', async () => {
    endpoint.close();
    start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: 60_000 });
    for (let made = 0; made < 100; made += 1) startRequestSpan({ name: 'GET /orders' })?.end();

    const closing = performance.now();
    await tracing?.close();
    // Two seconds, and patience with a busy machine; the export alone would be tried for longer.
    expect(performance.now() - closing).toBeLessThan(4_500);
    expect(isTracing()).toBe(false);
    expect(log.filter(({ event }) => event !== 'traces_not_delivered')).toEqual([]);
  });

  it('delivers all that is left when it is closed', async () => {
    start({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_BSP_SCHEDULE_DELAY: 60_000,
      OTEL_BSP_MAX_QUEUE_SIZE: 4_096,
    });
    // Three batches: one goes out when it is full, the others wait behind it.
    for (let made = 0; made < 1_200; made += 1) startRequestSpan({ name: 'GET /last' })?.end();
    await tracing?.close();
    expect(endpoint.bodies.join('').match(/GET \/last/g)).toHaveLength(1_200);
  });
});
