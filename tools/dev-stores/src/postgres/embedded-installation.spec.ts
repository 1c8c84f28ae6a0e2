import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverUser } from '../process/server-user';
import { embeddedInstallation } from './embedded-installation';
import type { NativePrograms } from './embedded-installation';

// Copies of 60 MB are made.
jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'embedded-installation-'));
chmodSync(root, 0o755);
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** The package as npm leaves it when it runs no install scripts: without its symbolic links. */
const packageFolder = join(root, 'package');
const directory = join(packageFolder, 'native');
beforeAll(async () => {
  const { binDirectory } = await embeddedInstallation({});
  const keep = (path: string) => !lstatSync(path).isSymbolicLink();
  await cp(join(binDirectory, '..'), directory, { recursive: true, filter: keep });
  chmodSync(packageFolder, 0o755);
});

describe('the embedded installation is refused', () => {
  it('when the programs do not run and no copy can be made', async () => {
    const programs: NativePrograms = {
      directory: join(root, 'nowhere'),
      version: '1',
      cacheDirectories: [join(root, 'cache-of-nothing')],
    };
    const refused = embeddedInstallation(serverUser(), programs);
    await expect(refused).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(refused).rejects.toThrow(/does not run here; set DATABASE_URL.*ENOENT.*ENOENT/);
    expect(readdirSync(join(root, 'cache-of-nothing'))).toEqual([]);
  });

  it('from a cache that others may write to', async () => {
    const cache = join(root, 'open-cache');
    mkdirSync(cache);
    chmodSync(cache, 0o777);
    const programs = { directory, version: '1', cacheDirectories: [cache] };
    await expect(embeddedInstallation(serverUser(), programs)).rejects.toThrow(
      "open-cache is not this user's alone",
    );
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe('the embedded installation', () => {
  it('is a PostgreSQL of the release npm installed', async () => {
    await expect(embeddedInstallation(serverUser())).resolves.toMatchObject({ majorVersion: 18 });
  });

  it('is completed in a cache, once, when its symbolic links are missing', async () => {
    const before = readdirSync(directory, { recursive: true });
    const cache = join(root, 'cache');
    const programs = { directory, version: '18', cacheDirectories: [cache] };
    const both = await Promise.all([1, 2].map(() => embeddedInstallation(serverUser(), programs)));
    for (const installation of both) {
      expect(installation.binDirectory).toBe(join(cache, 'postgres-18', 'bin'));
    }
    expect(readdirSync(cache)).toEqual(['postgres-18']);
    expect(readdirSync(directory, { recursive: true })).toEqual(before);
    const made = lstatSync(join(cache, 'postgres-18')).ctimeMs;
    await embeddedInstallation(serverUser(), programs);
    expect(lstatSync(join(cache, 'postgres-18')).ctimeMs).toBe(made);
    await expect(readFile(join(cache, 'postgres-18/lib/libpq.so.5'))).resolves.toBeDefined();
  });

  it('is usable from a checkout that the server has no way into', async () => {
    chmodSync(packageFolder, 0o700);
    const cache = join(root, 'cache-of-a-closed-checkout');
    const programs = { directory, version: '18', cacheDirectories: [cache] };
    await expect(embeddedInstallation(serverUser(), programs)).resolves.toMatchObject({
      majorVersion: 18,
    });
  });
});
