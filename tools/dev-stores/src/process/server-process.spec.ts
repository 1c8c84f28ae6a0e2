import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess, ServerStartFailed } from './server-process';
import type { ServerCommand } from './server-process';
import { inspectProcess } from './running-process';

jest.setTimeout(30_000);

const BUILT = join(__dirname, '../../dist/process/server-process.js');

const command: ServerCommand = {
  file: '/bin/sh',
  arguments: ['-c', 'echo "my pid is $$"; read line; echo "ready with $line"; sleep 60'],
  user: {},
  workingDirectory: '/',
  input: 'secret\n',
  ready: /^ready/,
  readyWithinMs: 5_000,
  stop: [['SIGTERM', 5_000]],
};

describe('a server is not started', () => {
  it.each<[string, Partial<ServerCommand>, string]>([
    [
      'whose program is missing',
      { file: '/nowhere/server' },
      'cannot be run: Error: spawn /nowhere',
    ],
    [
      'that ends at once, and its last complaint is told',
      { arguments: ['-c', 'echo fine; echo "FATAL:  no memory" >&2; echo bye; exit 1'] },
      'did not start: FATAL:  no memory',
    ],
    ['that says nothing', { arguments: ['-c', 'exit 0'] }, 'did not start: it wrote nothing'],
    [
      'that is silent for too long',
      { arguments: ['-c', 'echo hm; exec sleep 60'], readyWithinMs: 200 },
      'did not become ready in time: hm',
    ],
  ])('%s', async (_case, change, message) => {
    const started = ServerProcess.start({ ...command, ...change });
    await expect(started).rejects.toThrow(ServerStartFailed);
    await expect(started).rejects.toThrow(message);
  });
});

describe('a server', () => {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const pid = () => Number(/my pid is (\d+)/.exec(lines.join())?.[1]);
  beforeEach(() => lines.splice(0));

  it('reads its input and is heard until it stops', async () => {
    const server = await ServerProcess.start({ ...command, log });
    expect(lines).toContain('ready with secret');
    await server.stop();
    await server.exited;
    await server.stop();
    await expect(inspectProcess(pid())).resolves.toBeUndefined();
  });

  it('ends when the process it belongs to is killed', async () => {
    const script = `
      const { ServerProcess } = require(${JSON.stringify(BUILT)});
      const command = ${JSON.stringify({ ...command, ready: undefined })};
      void ServerProcess.start({ ...command, ready: /^ready/, log: console.log });`;
    const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: owner.stdout })) {
      lines.push(line);
      if (line.startsWith('ready')) break;
    }
    await expect(inspectProcess(pid())).resolves.toBeDefined();
    owner.kill('SIGKILL');
    while ((await inspectProcess(pid())) !== undefined) await delay(20);
  });

  it('is made to stop when asking does not help', async () => {
    const server = await ServerProcess.start({
      ...command,
      arguments: ['-c', `trap '' TERM; ${command.arguments[1]}`.replace('sleep', 'exec sleep')],
      stop: [
        ['SIGTERM', 100],
        ['SIGKILL', 5_000],
      ],
      log,
    });
    await server.stop();
    await expect(inspectProcess(pid())).resolves.toBeUndefined();
  });

  it('sees nothing of the environment of this process', async () => {
    process.env['PGDATA'] = '/elsewhere';
    const server = await ServerProcess.start({
      ...command,
      arguments: ['-c', 'env; echo ready; exec sleep 60'],
      log,
    });
    delete process.env['PGDATA'];
    await server.stop();
    expect(lines).toContain('LC_ALL=C');
    expect(lines.join()).not.toContain('PGDATA');
  });
});
