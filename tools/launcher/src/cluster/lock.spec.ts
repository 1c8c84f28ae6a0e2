import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeLock } from './lock';

describe('takeLock', () => {
  let folder: string;
  let lockFile: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-lock-'));
    lockFile = join(folder, 'launcher.lock');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('refuses a folder that is taken, with one line that names it', async () => {
    await takeLock(lockFile, 'the-home');

    const refusal: unknown = await takeLock(lockFile, 'the-home').catch((cause: unknown) => cause);

    expect(refusal).toMatchObject({ code: 'already_running' });
    expect(String(refusal)).toMatch(/the-home \(process \d+\).*SALLYPORT_HOME/);
  });

  it('lets one of two that come at once have it', async () => {
    const outcomes = await Promise.allSettled([takeLock(lockFile, 'a'), takeLock(lockFile, 'a')]);

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('lets one of many have a folder whose holder has ended', async () => {
    writeFileSync(lockFile, JSON.stringify({ pid: await endedProcess() }));

    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => takeLock(lockFile, 'a')),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['launcher.lock']);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['a process that has ended', async () => JSON.stringify({ pid: await endedProcess() })],
    [
      'an earlier process with the number of a running one',
      () => `{"pid":${process.pid},"startedAt":"1"}`,
    ],
    ['a number no process has', () => '{"pid":-1}'],
    ['nothing readable', () => '{"pid":'],
    ['nothing at all', () => ''],
  ])('takes over a lock left by %s', async (_, content) => {
    writeFileSync(lockFile, await content());

    await expect(takeLock(lockFile, 'the-home')).resolves.toBeInstanceOf(Function);
  });

  it('leaves nothing behind once given back', async () => {
    const giveBack = await takeLock(lockFile, 'the-home');
    await giveBack();

    expect(readdirSync(folder)).toEqual([]);
    await expect(takeLock(lockFile, 'the-home')).resolves.toBeInstanceOf(Function);
  });
});

async function endedProcess(): Promise<number | undefined> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('close', resolve));
  return child.pid;
}
