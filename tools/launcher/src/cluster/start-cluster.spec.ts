import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterOptions } from './cluster';
import { takeLock } from './lock';
import { freePorts } from './ports';
import { startCluster } from './start-cluster';

const NOWHERE = {
  databaseUrl: 'postgres://admin@127.0.0.1:1/postgres',
  redisUrl: 'redis://127.0.0.1:1',
};

describe('startCluster', () => {
  let folder: string;
  let home: string;

  const refusal = async (options: Partial<ClusterOptions>): Promise<unknown> =>
    startCluster({ home, ports: 'free', ...NOWHERE, ...options }).catch((cause: unknown) => cause);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-start-'));
    home = join(folder, 'home');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('refuses a home that is no folder', async () => {
    writeFileSync(home, '');

    expect(await refusal({})).toMatchObject({
      code: 'home_unusable',
      message: expect.stringContaining(home),
    });
  });

  it('refuses a home with damaged secrets', async () => {
    mkdirSync(home);
    writeFileSync(join(home, 'secrets.json'), 'damaged');

    expect(await refusal({})).toMatchObject({
      code: 'home_unusable',
      message: expect.stringMatching(/^secrets: .*secrets\.json is damaged/),
    });
  });

  it('refuses a home on which a cluster runs, and leaves it its lock', async () => {
    mkdirSync(home);
    await takeLock(join(home, 'launcher.lock'), home);

    expect(await refusal({})).toMatchObject({ code: 'already_running' });
    expect(readdirSync(home)).toContain('launcher.lock');
  });

  it('refuses a taken port before it has started anything', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;

    expect(await refusal({ ports: { ...(await freePorts()), orders: port } })).toMatchObject({
      code: 'port_taken',
      message: expect.stringMatching(`port ${port} .*orders-service.*SALLYPORT_ORDERS_PORT`),
    });

    expect(readdirSync(home)).toEqual(['logs']);
    await new Promise((resolve) => taken.close(resolve));
  });

  it('refuses a folder of broken certificates', async () => {
    const certsFolder = join(folder, 'certs');
    mkdirSync(join(certsFolder, 'ca'), { recursive: true });

    expect(await refusal({ certsFolder })).toMatchObject({
      code: 'certificates_unusable',
      message: expect.stringContaining(certsFolder),
    });
  });

  it('refuses a database that does not answer', async () => {
    expect(await refusal({})).toMatchObject({
      code: 'database_unusable',
      message: expect.stringContaining('127.0.0.1:1'),
    });
  });

  it('refuses a data folder that holds something else', async () => {
    mkdirSync(join(home, 'postgres'), { recursive: true });
    writeFileSync(join(home, 'postgres', 'thesis.txt'), '');

    const { redisUrl } = NOWHERE;
    const options: ClusterOptions = { home, ports: 'free', redisUrl };
    await expect(startCluster(options)).rejects.toMatchObject({
      code: 'database_unusable',
      message: expect.stringContaining(join(home, 'postgres')),
    });
  });

  it('answers with one line, and gives the home back', async () => {
    expect(String(await refusal({}))).not.toContain('\n');
    expect(existsSync(join(home, 'launcher.lock'))).toBe(false);
  });
});
