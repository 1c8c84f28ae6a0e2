import { connect } from 'node:net';
import { request } from 'node:http';
import type { LogFields, Logger } from './logger';
import { createRegistry } from './metrics';
import { OperationsServer } from './operations-server';
import type { ReadinessCheck } from './readiness';

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

const up = (name: string): ReadinessCheck => ({ name, check: async () => undefined });
const down = (name: string): ReadinessCheck => ({
  name,
  check: () => Promise.reject(new Error('connection refused by 10.0.0.1')),
});
const hanging = (name: string): ReadinessCheck => ({
  name,
  check: () => new Promise(() => undefined),
});
const throwing = (name: string): ReadinessCheck => ({
  name,
  check: () => {
    throw new Error('at once');
  },
});

describe('OperationsServer', () => {
  const lines: LogFields[] = [];
  const servers: OperationsServer[] = [];
  const ignored = () => undefined;
  const logger: Logger = {
    ...{ trace: ignored, debug: ignored, error: ignored, fatal: ignored },
    info: (fields) => void lines.push(fields),
    warn: (fields) => void lines.push(fields),
    child: () => logger,
  };
  beforeEach(() => void lines.splice(0));
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function start(checks: readonly ReadinessCheck[] = [], port = 0) {
    const listen = { host: '127.0.0.1', port };
    const registry = createRegistry({ service: 'gateway' });
    const server = await OperationsServer.start({
      listen,
      checks,
      registry,
      logger,
      checkTimeoutMs: 50,
    });
    servers.push(server);
    return server;
  }

  function ask(
    server: OperationsServer,
    path: string,
    method = 'GET',
    headers = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(
        { ...server.address, path, method, headers, agent: false },
        (response) => {
          let body = '';
          response.on('data', (chunk: Buffer) => (body += chunk.toString()));
          response.on('end', () => {
            resolve({ status: response.statusCode, type: response.headers['content-type'], body });
          });
        },
      );
      asked.on('error', reject).end();
    });
  }

  it.each([
    ['GET', '/'],
    ['GET', '/health'],
    ['GET', '/health/live/'],
    ['GET', '/health/live?x=1'],
    ['GET', '/HEALTH/LIVE'],
    ['GET', '//health/live'],
    ['POST', '/health/live'],
    ['DELETE', '/metrics'],
    ['OPTIONS', '*'],
  ])('answers 404 to %s %s', async (method, path) => {
    expect(await ask(await start(), path, method)).toMatchObject({ status: 404 });
  });

  it('refuses headers beyond 4 KiB', async () => {
    const answer = await ask(await start(), '/health/live', 'GET', { filler: 'x'.repeat(5000) });
    expect(answer.status).toBe(431);
  });

  it('rejects when its address is taken', async () => {
    const { address } = await start();
    await expect(start([], address.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it.each<[string, readonly ReadinessCheck[], object]>([
    ['fails', [up('a'), down('b')], { a: 'up', b: 'down' }],
    ['throws', [throwing('b')], { b: 'down' }],
    ['does not answer in time', [hanging('b'), up('a')], { b: 'down', a: 'up' }],
  ])(
    'is not ready when a check %s, and keeps the reason to the log',
    async (_name, checks, outcomes) => {
      const answer = await ask(await start(checks), '/health/ready');
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.body)).toEqual({ status: 'down', checks: outcomes });
      expect(lines).toEqual([
        { event: 'not_ready', check: 'b', detail: expect.any(String) as string },
      ]);
    },
  );

  it('says once that a check is down, and once that it is up again', async () => {
    let isDown = true;
    const check = () => (isDown ? Promise.reject(new Error('gone')) : Promise.resolve());
    const address = await start([{ name: 'b', check }]);
    await ask(address, '/health/ready');
    await ask(address, '/health/ready');
    isDown = false;
    await ask(address, '/health/ready');
    await ask(address, '/health/ready');
    expect(lines).toEqual([
      { event: 'not_ready', check: 'b', detail: 'gone' },
      { event: 'ready_again', check: 'b' },
    ]);
  });

  it('is live though it is not ready', async () => {
    expect(await ask(await start([down('a')]), '/health/live')).toMatchObject({ status: 200 });
  });

  it('closes at once with connections open', async () => {
    const server = await start();
    const idle = connect(server.address.port, server.address.host);
    await new Promise((resolve) => idle.once('connect', resolve));
    const closed = new Promise((resolve) => idle.once('close', resolve));
    idle.on('error', ignored);
    await server.close();
    await closed;
    await expect(ask(server, '/health/live').catch(() => 'refused')).resolves.toBe('refused');
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    const answer = await ask(await start(), '/health/ready', 'HEAD');
    expect(answer).toEqual({ status: 200, type: 'application/json', body: '' });
  });

  it('is ready when every check passes', async () => {
    const answer = await ask(await start([up('database'), up('billing')]), '/health/ready');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      status: 'up',
      checks: { database: 'up', billing: 'up' },
    });
    expect(lines).toEqual([]);
  });

  it('serves the metrics', async () => {
    const answer = await ask(await start(), '/metrics');
    expect(answer.type).toMatch(/^text\/plain/);
    expect(answer.body).toMatch(/^sallyport_process_cpu_seconds_total\{service="gateway"\}/m);
  });

  it('shows each check in the metrics', async () => {
    const { body } = await ask(await start([up('database'), down('redis')]), '/metrics');
    expect(
      body.split('\n').filter((line) => line.startsWith('sallyport_readiness_check{')),
    ).toEqual([
      'sallyport_readiness_check{check="database",service="gateway"} 1',
      'sallyport_readiness_check{check="redis",service="gateway"} 0',
    ]);
  });
});
