import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from './ports';
import { SupervisedService } from './supervised-service';

const ANSWER = (status: number, body: string): string => `
  require('node:http').createServer((request, response) => {
    response.writeHead(${status}).end(${JSON.stringify(body)});
  }).listen(Number(process.env.OPS_PORT), '127.0.0.1');
  process.once('disconnect', () => process.exit(0));
`;
const READY = `
  ${ANSWER(200, '{}')}
  console.log(JSON.stringify({ event: 'started', environment: Object.keys(process.env) }));
  process.once('SIGTERM', () => { console.log('{"event":"stopped"}'); process.exit(0); });
`;

describe('SupervisedService', () => {
  let folder: string;
  let logFile: string;
  let lines: string[];
  let service: SupervisedService;

  const supervise = async (script: string, readyTimeoutMs = 10_000): Promise<SupervisedService> => {
    const module = join(folder, 'main.js');
    writeFileSync(module, script);
    const { ordersOps } = await freePorts();
    service = new SupervisedService({
      name: 'orders-service',
      command: { module, logFile, environment: { OPS_PORT: String(ordersOps) } },
      opsUrl: `http://127.0.0.1:${ordersOps}`,
      readyTimeoutMs,
      stopGraceMs: 300,
      backoff: { firstMs: 20, maximumMs: 40 },
      report: (line) => lines.push(line),
    });
    return service;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-service-'));
    logFile = join(folder, 'orders-service.log');
    lines = [];
  });

  afterEach(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  it.each([
    [
      'ends early',
      'console.error("first"); console.error("orders-service: ORDERS: expected x"); process.exit(1)',
      'service_ended',
      /^orders-service ended with code 1: ORDERS: expected x \(log: .*orders-service\.log\)$/,
    ],
    [
      'ends early by a defect',
      'throw Object.assign(new Error("a defect"), { code: "X" })',
      'service_ended',
      /^orders-service ended with code 1: Error: a defect \(log: .*\)$/,
    ],
    [
      'ends early without a word',
      'process.exit(0)',
      'service_ended',
      /^orders-service ended with code 0 \(log: .*\)$/,
    ],
    [
      'is killed',
      'process.kill(process.pid, "SIGKILL")',
      'service_ended',
      /^orders-service was ended by SIGKILL \(log: .*\)$/,
    ],
    [
      'does not become ready',
      ANSWER(503, '{"checks":{"database":"down","billing":"up","redis":"down"}}'),
      'service_not_ready',
      /^orders-service was not ready within 1 s: not up: database, redis \(log: .*\)$/,
    ],
    [
      'does not listen',
      'setInterval(() => {}, 1000)',
      'service_not_ready',
      /^orders-service was not ready within 1 s: it does not answer yet \(log: .*\)$/,
    ],
  ])('says in one line that a service %s', async (_, script, code, message) => {
    const refusal = await (await supervise(script, 1_000)).start().catch((cause: unknown) => cause);

    expect(refusal).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(lines).toEqual([]);
  });

  it('stops waiting when the start is interrupted', async () => {
    const interruption = AbortSignal.timeout(50);

    const start = (await supervise(ANSWER(503, '{}'))).start(interruption);

    await expect(start).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('gives the service its own environment and nothing else', async () => {
    await (await supervise(READY)).start();

    const [started] = readFileSync(logFile, 'utf8').split('\n');
    const { environment } = JSON.parse(started ?? '') as { environment: string[] };
    expect(environment.filter((name) => !name.startsWith('NODE_CHANNEL'))).toEqual(['OPS_PORT']);
  });

  it('starts a service that ended by itself again, and says so', async () => {
    await (await supervise(READY)).start();
    const before = service.pid;

    await service.kill({ restart: true });
    await waitFor(() => lines.length === 2);

    expect(lines).toEqual([
      'orders-service was ended by SIGKILL; starting it again in 0.02 s',
      'orders-service is ready again',
    ]);
    expect(service.pid).not.toBe(before);
  });

  it('waits longer each time a service does not come back', async () => {
    await (await supervise(READY)).start();
    writeFileSync(join(folder, 'main.js'), 'process.exit(3)');

    await service.kill({ restart: true });
    await waitFor(() => lines.length === 4);
    await service.stop();

    expect(lines.map((line) => /in (\S+) s$/.exec(line)?.[1])).toEqual([
      '0.02',
      '0.04',
      '0.04',
      '0.04',
    ]);
    expect(lines[1]).toContain('did not come back (orders-service ended with code 3');
  });

  it('lets a restart that is asked for win over its own', async () => {
    await (await supervise(READY)).start();
    writeFileSync(join(folder, 'main.js'), 'setInterval(() => {}, 1000)');

    await service.kill({ restart: true });
    await waitFor(() => service.pid !== undefined);
    writeFileSync(join(folder, 'main.js'), READY);
    await service.restart();
    const { pid } = service;
    await delay(300);

    expect(service.pid).toBe(pid);
    expect(lines).toHaveLength(1);
  });

  it('leaves a killed service down until told otherwise', async () => {
    await (await supervise(READY)).start();

    await service.kill({ restart: false });
    await delay(100);

    expect(service.pid).toBeUndefined();
    expect(lines).toEqual([]);

    await service.restart();
    expect(service.pid).toBeDefined();
  });

  it('asks a service to end, and lets it', async () => {
    await (await supervise(READY)).start();
    const pid = Number(service.pid);

    await service.stop();

    expect(isRunning(pid)).toBe(false);
    expect(readFileSync(logFile, 'utf8')).toContain('{"event":"stopped"}');
    expect(lines).toEqual([]);
  });

  it('ends a service that does not end when asked', async () => {
    await (await supervise(`${ANSWER(200, '{}')} process.on('SIGTERM', () => {});`)).start();
    const pid = Number(service.pid);

    await service.stop();

    expect(isRunning(pid)).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function waitFor(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await delay(10);
  }
}
