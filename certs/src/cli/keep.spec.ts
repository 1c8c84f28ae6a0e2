import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runCli } from '../cli';

describe('keep', () => {
  let folder: string;
  let stop: AbortController;
  let out: string[];
  let err: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keep-'));
    stop = new AbortController();
    [out, err] = [[], []];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const run = (...args: string[]): Promise<number> =>
    runCli([...args, '--dir', folder], {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      signal: stop.signal,
    });
  const certificate = async (...path: string[]): Promise<X509Certificate> =>
    new X509Certificate(await readFile(join(folder, ...path)));
  const until = async (line: string): Promise<void> => {
    // The file's time limit ends one that never says it.
    while (!out.includes(line)) await delay(10);
  };

  it('refuses a folder that cannot be kept, and is not kept then', async () => {
    await writeFile(join(folder, 'notes.txt'), '');
    expect(await run('keep', 'gateway')).toBe(1);
    expect(await run('kept')).toBe(1);
    expect(err).toEqual([
      expect.stringContaining('it has no ca/ but holds notes.txt'),
      expect.stringContaining('nobody keeps it; see what its keep says'),
    ]);
  });

  it('mints what is missing into the directories that are there, and renews until it is stopped', async () => {
    await mkdir(join(folder, 'workloads', 'gateway'), { recursive: true });
    await mkdir(join(folder, 'stores', 'postgres'), { recursive: true });
    const store = ['--store', 'postgres=postgres,127.0.0.1', '--store', 'redis'];
    const kept = run('keep', 'gateway', ...store, '--leaf-seconds', '10');
    await until(`${folder} is ready`);
    expect(out).toEqual([
      'issued gateway',
      'issued postgres',
      'issued redis',
      `${folder} is ready`,
    ]);
    expect(await run('kept')).toBe(0);

    const first = await certificate('workloads', 'gateway', 'tls.crt');
    await until('renewed gateway');
    stop.abort();
    expect(await kept).toBe(0);
    const second = await certificate('workloads', 'gateway', 'tls.crt');
    expect(second.serialNumber).not.toBe(first.serialNumber);
    expect(err).toEqual([]);

    await delay(10);
    expect(await run('kept', '--within-seconds', '0')).toBe(1);
    expect(err).toEqual([expect.stringContaining('last kept')]);
  });

  it('signs the certificates of stores by a root of their own', async () => {
    await run('init', 'gateway', '--store', 'postgres=postgres,127.0.0.1', '--store', 'redis');
    const root = await certificate('stores', 'ca.pem');
    const postgres = await certificate('stores', 'postgres', 'tls.crt');
    expect(postgres.verify(root.publicKey)).toBe(true);
    expect(postgres.subjectAltName).toBe('DNS:postgres, IP Address:127.0.0.1');
    expect((await certificate('stores', 'redis', 'tls.crt')).subjectAltName).toBe('DNS:redis');
    for (const other of [['ca.pem'], ['bundle.pem'], ['partner', 'ca.pem']]) {
      expect((await certificate(...other)).verify(root.publicKey)).toBe(false);
    }

    const renewed = await certificate('stores', 'postgres', 'tls.crt');
    await run('init', '--store', 'postgres=postgres,127.0.0.1');
    expect((await certificate('stores', 'postgres', 'tls.crt')).raw).toEqual(renewed.raw);
    await run('init', '--store', 'postgres');
    expect((await certificate('stores', 'postgres', 'tls.crt')).subjectAltName).toBe(
      'DNS:postgres',
    );
  });

  it('gives the public certificate other names, and remembers them', async () => {
    await run('init');
    await run('init', '--public-name', 'localhost', '--public-name', 'shop.example');
    await run('init', 'gateway');
    const [root, named] = [await certificate('ca.pem'), await certificate('public', 'tls.crt')];
    expect(named.subjectAltName).toBe('DNS:localhost, DNS:shop.example');
    expect(named.verify(root.publicKey)).toBe(true);
    expect(err).toEqual([]);
  });

  it('gives the files of a directory to who reads them', async () => {
    const { uid, gid } = process.getuid?.() === 0 ? { uid: 70, gid: 71 } : await stat(folder);
    await run('init', 'gateway', '--owner', `workloads/gateway=:${gid}`, '--store', 'postgres',
      '--owner', `stores/postgres=${uid}:${gid}`); // prettier-ignore
    expect(err).toEqual([]);
    const key = await stat(join(folder, 'workloads', 'gateway', 'tls.key'));
    expect([key.uid, key.gid, key.mode & 0o777]).toEqual([process.getuid?.(), gid, 0o640]);
    const storeKey = await stat(join(folder, 'stores', 'postgres', 'tls.key'));
    expect([storeKey.uid, storeKey.gid, storeKey.mode & 0o777]).toEqual([uid, gid, 0o600]);
  });
});
