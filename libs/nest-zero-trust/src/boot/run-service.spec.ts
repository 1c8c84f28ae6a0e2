import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformFile } from '@swc/core';

/** A service as a process of its own: the body of `start`, around the real runService. */
class ServiceProcess {
  readonly #child: ChildProcess;
  #errorOutput = '';

  constructor(script: string) {
    this.#child = fork(script, { silent: true, execArgv: [] });
    this.#child.stderr?.on('data', (text: Buffer) => (this.#errorOutput += text.toString()));
  }

  async said(message: string): Promise<void> {
    const [received] = (await once(this.#child, 'message')) as [unknown];
    expect(received).toBe(message);
  }

  async ended(): Promise<{ code: unknown; signal: unknown; errorOutput: string }> {
    const { stderr } = this.#child;
    if (!stderr) throw new TypeError('the error output is not piped');
    const [[code, signal]] = await Promise.all([once(this.#child, 'exit'), once(stderr, 'end')]);
    return { code: code as unknown, signal: signal as unknown, errorOutput: this.#errorOutput };
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  disconnect(): void {
    this.#child.disconnect();
  }
}

describe('runService', () => {
  let folder: string;
  let scripts = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'run-service-'));
    for (const file of ['run-service', 'boot-failure', 'patient-start']) {
      const { code } = await transformFile(join(__dirname, `${file}.ts`), {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      });
      await writeFile(join(folder, `${file}.js`), code);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = async (start: string, more = ''): Promise<ServiceProcess> => {
    const script = join(folder, `service-${scripts++}.js`);
    await writeFile(
      script,
      `const { runService } = require('./run-service');
       setInterval(() => undefined, 1000);
       runService({ name: 'probe', start: async () => { ${start} }, ${more} });`,
    );
    return new ServiceProcess(script);
  };

  const failing = (error: string) => run(`throw ${error};`);
  const coded = (code: string, message: string) =>
    `Object.assign(new Error(${JSON.stringify(message)}), { code: '${code}' })`;

  const foreseen = [
    [
      'a configuration error',
      coded('configuration_invalid', 'GRPC_LISTEN: expected host:port, got "abc"'),
      'probe: GRPC_LISTEN: expected host:port, got "abc"\n',
    ],
    [
      'an identity that is not usable',
      coded('identity_files_unusable', 'SVID_DIR /x:\n  tls.key is missing'),
      'probe: SVID_DIR /x: tls.key is missing\n',
    ],
    [
      'a password that the database refuses',
      coded('28P01', 'password authentication failed for user "orders"'),
      'probe: password authentication failed for user "orders"\n',
    ],
    [
      'a store that refuses on every address',
      `Object.assign(new AggregateError([new Error('connect ECONNREFUSED ::1:5432'), new Error('connect ECONNREFUSED 127.0.0.1:5432')]), { code: 'ECONNREFUSED' })`,
      'probe: connect ECONNREFUSED ::1:5432, connect ECONNREFUSED 127.0.0.1:5432\n',
    ],
  ] as const;

  it.each(foreseen)('prints one line for %s and ends with 1', async (_name, error, line) => {
    const service = await failing(error);
    await expect(service.ended()).resolves.toEqual({ code: 1, signal: null, errorOutput: line });
  });

  it('names an address that is taken', async () => {
    const service = await run(`
      const { createServer } = require('node:net');
      const { once } = require('node:events');
      const first = createServer().listen(0, '127.0.0.1');
      await once(first, 'listening');
      const taken = createServer().listen(first.address().port, '127.0.0.1');
      await once(taken, 'listening');
    `);
    const { code, errorOutput } = await service.ended();
    expect(code).toBe(1);
    expect(errorOutput).toMatch(/^probe: 127\.0\.0\.1:\d+ is already in use\n$/);
  });

  it.each([
    ['a defect', `new TypeError('not a function')`],
    ['a misuse of Node', coded('ERR_INVALID_ARG_TYPE', 'not a function')],
  ])('prints the stack of %s', async (_name, error) => {
    const { code, errorOutput } = await (await failing(error)).ended();
    expect(code).toBe(1);
    expect(errorOutput).toMatch(/^probe: not a function\n\w*Error: not a function\n +at /);
  });

  it('waits for a database that does not answer, and says so once', async () => {
    const away = coded('database_unavailable', 'the database cannot answer now');
    const service = await run(
      `globalThis.starts = (globalThis.starts ?? 0) + 1;
       if (globalThis.starts < 3) throw ${away};
       process.send('ready'); return { close: () => undefined };`,
    );
    await service.said('ready');
    service.kill('SIGTERM');
    await expect(service.ended()).resolves.toEqual({
      code: 0,
      signal: null,
      errorOutput: 'probe: waiting, the database cannot answer now\n',
    });
  });

  it('ends at once when it is stopped while it waits for its database', async () => {
    const away = coded('database_unavailable', 'the database cannot answer now');
    const service = await run(`process.send('starting'); throw ${away};`);
    await service.said('starting');
    service.kill('SIGTERM');
    await expect(service.ended()).resolves.toMatchObject({ code: 0, signal: null });
  });

  const serving = `process.send('ready'); return { close: async () => process.send('closed') };`;

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'closes the service at %s and ends with 0',
    async (signal) => {
      const service = await run(serving);
      await service.said('ready');
      service.kill(signal);
      await service.said('closed');
      await expect(service.ended()).resolves.toEqual({ code: 0, signal: null, errorOutput: '' });
    },
  );

  it('closes the service when the parent is gone', async () => {
    const service = await run(
      `process.send('ready'); return { close: async () => process.stderr.write('closed') };`,
    );
    await service.said('ready');
    service.disconnect();
    await expect(service.ended()).resolves.toMatchObject({ code: 0, errorOutput: 'closed' });
  });

  it('ends at once when it is stopped during the start', async () => {
    const service = await run(`process.send('starting'); await new Promise(() => undefined);`);
    await service.said('starting');
    service.kill('SIGTERM');
    await expect(service.ended()).resolves.toEqual({ code: 0, signal: null, errorOutput: '' });
  });

  it('ends with 1 when closing fails', async () => {
    const close = coded('close_failed', 'it is stuck');
    const service = await run(
      `process.send('ready'); return { close: async () => { throw ${close}; } };`,
    );
    await service.said('ready');
    service.kill('SIGTERM');
    const errorOutput = 'probe: it is stuck\n';
    await expect(service.ended()).resolves.toEqual({ code: 1, signal: null, errorOutput });
  });

  const stuck = `process.send('ready'); return { close: () => { process.send('closing'); return new Promise(() => undefined); } };`;

  it('ends with 1 when closing takes too long', async () => {
    const service = await run(stuck, 'closeTimeoutMs: 50');
    await service.said('ready');
    service.kill('SIGTERM');
    const errorOutput = 'probe: not closed after 50 ms\n';
    await expect(service.ended()).resolves.toEqual({ code: 1, signal: null, errorOutput });
  });

  it('ends at once at the second request', async () => {
    const service = await run(stuck);
    await service.said('ready');
    service.kill('SIGTERM');
    await service.said('closing');
    service.kill('SIGINT');
    await expect(service.ended()).resolves.toMatchObject({ code: 1 });
  });
});
