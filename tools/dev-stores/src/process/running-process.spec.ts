import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endProcess, inspectProcess } from './running-process';

jest.setTimeout(30_000);

function start(script: string): ReturnType<typeof spawn> {
  return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
}

describe('inspectProcess', () => {
  it('knows nothing of a process that has ended', async () => {
    const child = start('');
    await once(child, 'close');
    await expect(inspectProcess(child.pid ?? 0)).resolves.toBeUndefined();
  });

  it('takes no number for a process that cannot be one', async () => {
    await expect(inspectProcess(0)).resolves.toBeUndefined();
  });

  it('tells the parent, the command line and, where the system does, the working directory', async () => {
    await expect(inspectProcess(process.pid)).resolves.toMatchObject({
      pid: process.pid,
      parentPid: process.ppid,
      commandLine: expect.stringContaining('node'),
      ...(process.platform === 'linux' && { workingDirectory: process.cwd() }),
    });
  });
});

describe('endProcess', () => {
  it('goes on to the next signal when one has no effect', async () => {
    const child = start(
      `process.on('SIGINT', () => {}); console.log('up'); setInterval(() => {}, 1e3)`,
    );
    const ended = once(child, 'close');
    await once(child.stdout ?? child, 'data');
    await endProcess(child.pid ?? 0, [
      ['SIGINT', 200],
      ['SIGKILL', 5_000],
    ]);
    await expect(ended).resolves.toEqual([null, 'SIGKILL']);
  });

  it('says so when a process outlives every signal', async () => {
    const child = start(
      `process.on('SIGINT', () => {}); console.log('up'); setInterval(() => {}, 1e3)`,
    );
    await once(child.stdout ?? child, 'data');
    await expect(endProcess(child.pid ?? 0, [['SIGINT', 100]])).rejects.toThrow('did not end');
    child.kill('SIGKILL');
  });
});
