import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../process/free-port';
import { startEmbeddedPostgres } from './embedded-postgres';
import type { PostgresServer } from './postgres-server';

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'embedded-postgres-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe('the embedded server', () => {
  // Its parent is of mode 0700: as root, the user the server runs as has no way to it.
  const dataDirectory = join(root, 'data');
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
  });
  afterAll(async () => {
    await server.stop();
  });

  describe('refuses', () => {
    it.each([
      ['a wrong password', (url: URL) => (url.password = 'guess'), '28P01'],
      ['no password', (url: URL) => (url.password = ''), undefined],
      ['an unknown role', (url: URL) => (url.username = 'somebody'), '28P01'],
    ])('%s', async (_case, change, code) => {
      const url = new URL(server.url);
      change(url);
      const refused = query(url.href, 'SELECT 1');
      await expect(refused).rejects.toThrow();
      if (code) await expect(refused).rejects.toMatchObject({ code });
    });

    it('connections from the network', async () => {
      await expect(query(server.url, 'SHOW listen_addresses')).resolves.toEqual(['127.0.0.1']);
      const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
      for (const { address } of addresses.filter(
        (each) => !each.internal && each.family === 'IPv4',
      )) {
        const url = new URL(server.url);
        url.hostname = address;
        await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      }
    });

    it('a second start on the same folder while it runs, and runs on', async () => {
      await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toThrow(
        `is in use by process ${process.pid}; stop it first`,
      );
      await expect(query(server.url, 'SELECT 1')).resolves.toEqual([1]);
    });
  });

  it('is PostgreSQL 18 that stores passwords as SCRAM verifiers', async () => {
    await expect(query(server.url, 'SHOW server_version')).resolves.toEqual([
      expect.stringMatching(/^18\./),
    ]);
    await expect(
      query(
        server.url,
        `SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolcanlogin`,
      ),
    ).resolves.toEqual([true]);
  });

  it('runs as a user that is not root: PostgreSQL demands that its user owns the data', () => {
    const data = statSync(join(dataDirectory, 'cluster'));
    expect(data.uid).not.toBe(0);
    expect(data.mode & 0o777).toBe(0o700);
  });

  it('keeps the password of the superuser in a file of this user alone', () => {
    const { mode, uid } = statSync(join(dataDirectory, 'superuser-password'));
    expect(mode & 0o777).toBe(0o600);
    expect(uid).toBe(process.getuid?.());
  });

  it('keeps its data from one run to the next, which starts within 2 seconds', async () => {
    await query(server.url, 'CREATE TABLE kept AS SELECT 7 AS value');
    await server.stop();
    await server.exited;
    const begun = performance.now();
    server = await startEmbeddedPostgres({ dataDirectory });
    expect(performance.now() - begun).toBeLessThan(2_000);
    await expect(query(server.url, 'SELECT value FROM kept')).resolves.toEqual([7]);
  });

  it('listens on the port it is given', async () => {
    await server.stop();
    const port = await freePort();
    server = await startEmbeddedPostgres({ dataDirectory, port });
    expect(server.port).toBe(port);
    await expect(query(server.url, 'SHOW port')).resolves.toEqual([String(port)]);
  });
});

describe('a start is refused with one line', () => {
  let dataDirectory: string;
  beforeAll(async () => {
    dataDirectory = join(root, 'template');
    await (await startEmbeddedPostgres({ dataDirectory })).stop();
  });
  afterAll(() => {});

  async function refusal(port?: number): Promise<Error> {
    const started = startEmbeddedPostgres({ dataDirectory, ...(port !== undefined && { port }) });
    const error: unknown = await started.then(
      (server) => server.stop().then(() => 'started'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof Error)) throw new Error(`not refused: ${String(error)}`);
    expect(error.message).not.toContain('\n');
    return error;
  }

  function inside(name: string): string {
    return join(name === 'PG_VERSION' ? join(dataDirectory, 'cluster') : dataDirectory, name);
  }

  it.each([
    ['PG_VERSION', '17\n', 'holds data of PostgreSQL 17, which release 18 does not read'],
    ['superuser-password', '', 'its superuser-password is missing'],
    ['superuser-password', 'guess', 'its superuser-password is not the one of its data'],
    ['sallyport-store.json', '{}', 'does not say that the folder holds postgres data'],
  ])('when %s says %j', async (name, text, problem) => {
    const original = readFileSync(inside(name));
    writeFileSync(inside(name), text);
    try {
      const error = await refusal();
      expect(error).toMatchObject({ code: 'data_folder_unusable' });
      expect(error.message).toContain(`${dataDirectory}: `);
      expect(error.message).toContain(problem);
    } finally {
      writeFileSync(inside(name), original);
    }
  });

  it('when the port given is taken', async () => {
    const occupant = createServer();
    await new Promise<void>((resolve) => occupant.listen(0, '127.0.0.1', resolve));
    const address = occupant.address();
    const error = await refusal(typeof address === 'object' ? address?.port : 0);
    await new Promise((resolve) => occupant.close(resolve));
    expect(error).toMatchObject({ code: 'store_unavailable' });
    expect(error.message).toMatch(/could not/);
  });

  it("when the folder holds somebody's files", async () => {
    mkdirSync(join(root, 'home'));
    writeFileSync(join(root, 'home', 'letter.txt'), 'dear');
    await expect(
      startEmbeddedPostgres({ dataDirectory: join(root, 'home') }),
    ).rejects.toMatchObject({
      code: 'data_folder_unusable',
    });
  });

  it('but not once that is put right', async () => {
    const server = await startEmbeddedPostgres({ dataDirectory });
    await server.stop();
  });
});
