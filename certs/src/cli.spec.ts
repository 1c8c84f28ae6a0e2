import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './cli';

describe('the command line', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const run = async (
    ...args: string[]
  ): Promise<{ code: number; out: string[]; err: string[] }> => {
    const [out, err]: [string[], string[]] = [[], []];
    const print = (lines: string[]) => (line: string) => void lines.push(line);
    const { signal } = new AbortController();
    const code = await runCli([...args, '--dir', folder], {
      out: print(out),
      err: print(err),
      signal,
    });
    return { code, out, err };
  };

  it.each([
    ['no command', [], 'name a command'],
    ['an unknown command', ['mint'], 'there is no command mint'],
    ['issue without a service', ['issue'], 'name at least one service'],
    ['a partner without a DNS name', ['issue-partner', 'beta'], 'name a partner and its DNS name'],
    ['two partners at once', ['issue-partner', 'a', 'a.example', 'b'], 'name a partner and its'],
    ['an unknown option', ['init', '--force'], "Unknown option '--force'"],
    ['an owner without a group', ['init', '--owner', 'public=999'], '--owner takes directory='],
    [
      'a leaf of no life',
      ['keep', '--leaf-seconds', '0'],
      '--leaf-seconds takes 10 to 86400, not 0',
    ],
  ])('refuses %s and shows its usage', async (_case, args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err.join('\n')).toContain(message);
    expect(err.join('\n')).toContain('Usage:');
  });

  it.each([
    ['show', 'before init', ['show'], 'workload-root.pem is missing'],
    ['issue', 'before init', ['issue', 'gateway'], 'workload-root.pem is missing'],
    ['issue-partner', 'before init', ['issue-partner', 'a', 'a.example'], 'is missing'],
    ['revoke-partner', 'before init', ['revoke-partner', '01'], 'is missing'],
    ['init', 'for a bad name', ['init', 'a/b'], 'a path segment of a SPIFFE ID'],
    [
      'init',
      'for a store that is a path',
      ['init', '--store', '../a'],
      '../a is no name of a store',
    ],
    ['init', 'for a host that is none', ['init', '--store', 'a=*.b'], '*.b is no host of a store'],
    ['init', 'for a wildcard', ['init', '--public-name', '*.b'], '*.b is no public name'],
    ['kept', 'where nobody keeps', ['kept'], 'nobody keeps it'],
  ])('refuses %s %s with one line', async (_command, _case, args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(1);
    expect(err).toEqual([expect.stringContaining(message)]);
    expect(err[0]).not.toContain('\n');
  });

  it('refuses a foreign folder with one line', async () => {
    await writeFile(join(folder, 'notes.txt'), '');
    const { code, err } = await run('init');
    expect({ code, err }).toEqual({
      code: 1,
      err: [
        `certificate folder ${folder}: it has no ca/ but holds notes.txt; choose an empty folder`,
      ],
    });
  });

  it('initialises, issues and shows', async () => {
    expect(await run('init', 'gateway')).toEqual({
      code: 0,
      out: [`${folder} is ready`, 'issued gateway'],
      err: [],
    });
    expect((await run('init', 'gateway')).out).toEqual([`${folder} is ready`]);
    const { out: issued } = await run('issue', 'orders-service');
    expect(issued).toEqual([expect.stringMatching(/\/sa\/orders-service {2}until \d{4}-/)]);
    const { out } = await run('show');
    expect(out.map((line) => line.split('  ')[0])).toEqual([
      'bundle.pem',
      'ca.pem',
      'public/tls.crt',
      'partner/acme/tls.crt',
      'partner/ca.pem',
      'stores/ca.pem',
      ...Array<string>(2).fill('workloads/gateway/tls.crt'),
      ...Array<string>(2).fill('workloads/orders-service/tls.crt'),
    ]);
  });

  it.each([
    ['a partner whose name is a path', ['issue-partner', '../beta', 'beta.example'], '../beta'],
    [
      'a partner whose DNS name is none',
      ['issue-partner', 'beta', '*.beta.example'],
      'no DNS name',
    ],
    ['a serial number that is none', ['revoke-partner', 'beta'], 'beta is no serial number'],
  ])('refuses %s', async (_case, args, message) => {
    await run('init');
    const { code, err } = await run(...args);
    expect({ code, err }).toEqual({ code: 1, err: [expect.stringContaining(message)] });
  });

  it('issues another partner certificate, and revokes it by its serial number', async () => {
    await run('init');
    const { out: issued } = await run('issue-partner', 'beta', 'api.beta.example');
    expect(issued).toEqual([expect.stringMatching(/^beta {2}serial [0-9A-F]+ {2}until \d{4}-/)]);
    const serial = issued[0]?.split('  ')[1]?.split(' ')[1] ?? '';
    expect((await run('revoke-partner', serial)).out).toEqual([
      expect.stringMatching(new RegExp(`^${serial} {2}since \\d{4}-`)),
    ]);
    const { out: all } = await run('revoke-partner', '0A', serial.toLowerCase());
    expect(all.map((line) => line.split('  ')[0])).toEqual([serial, '0A']);
  });
});
