import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../cli';
import { DevCa } from '../dev-ca';
import { DevCaError } from '../dev-ca.error';
import { takeStep } from './trust-steps';

describe('the steps that replace what signs', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steps-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const run = async (...args: string[]): Promise<{ code: number; lines: string[] }> => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    const { signal } = new AbortController();
    const surroundings = { out: print, err: print, signal };
    return { code: await runCli([...args, '--dir', folder], surroundings), lines };
  };
  const states = async (): Promise<string[]> =>
    (await run('roots')).lines.map((line) => line.split(/\s{2,}/)[0] ?? '');

  it('say that nobody renews, when nobody does', async () => {
    await run('init', 'gateway');
    const ca = await DevCa.openExisting(folder);
    const options = { out: () => undefined, followMs: 50, settleMs: 0 };
    await expect(takeStep(ca, 'prepare-root', options)).rejects.toThrow(DevCaError);
    expect(await states()).toEqual(['prepared', 'active', 'intermediate', 'behind']);
    await run('init', 'gateway');
    expect(await states()).toEqual(['prepared', 'active', 'intermediate']);
  });

  it('are followed at once where a rotation runs, and leave one root at the end', async () => {
    await run('init', 'gateway');
    const ca = await DevCa.open(folder);
    const rotation = ca.startRotation({ services: ['gateway'], intervalMs: 60_000 });
    const before = await run('roots');
    expect((await run('prepare-root')).lines).toEqual([
      expect.stringMatching(/^prepare-root: every workload has followed after \d+\.\d s$/),
    ]);
    expect((await run('activate-root')).code).toBe(0);
    expect(await states()).toEqual(['active', 'retiring', 'intermediate']);
    expect((await run('retire-root')).code).toBe(0);
    expect(await run('retire-root')).toEqual({
      code: 1,
      lines: [expect.stringContaining('no root is retiring; activate another one first')],
    });
    expect((await run('replace-root', '--settle-seconds', '0')).lines).toHaveLength(3);
    await rotation.stop();
    const after = await run('roots');
    expect(after.lines).toHaveLength(2);
    expect(after.lines[0]).not.toBe(before.lines[0]);
  });

  it('show who is denied', async () => {
    await run('init', 'gateway');
    expect((await run('deny')).code).toBe(2);
    expect((await run('deny', 'gateway')).lines.at(-1)).toMatch(/^denied +gateway$/);
    expect((await run('issue', 'gateway')).lines).toEqual([
      expect.stringContaining('gateway is denied; allow it first'),
    ]);
    expect((await run('allow', 'gateway')).lines).toHaveLength(2);
    expect((await run('issue', 'gateway')).code).toBe(0);
  });
});
