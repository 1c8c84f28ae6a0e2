import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from './embedded-postgres';
import type { PostgresServer } from './postgres-server';
import { provisionDatabase } from './provision-database';

jest.setTimeout(30_000);

const dataDirectory = mkdtempSync(join(tmpdir(), 'provision-database-'));
const statements: string[] = [];
let server: PostgresServer;
beforeAll(async () => {
  server = await startEmbeddedPostgres({
    dataDirectory,
    settings: { log_statement: 'all' },
    log: (line) => statements.push(line),
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDirectory, { recursive: true });
});

const password = `p'"a\\s %/@:?#$$`;

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

function at(url: string, change: Partial<URL>): string {
  return Object.assign(new URL(url), change).href;
}

describe('provisionDatabase refuses', () => {
  it.each([
    ['an empty name', '', password],
    ['a name that PostgreSQL would shorten', 'a'.repeat(64), password],
    ['a name with a quote', `a"b`, password],
    ['a name that begins with a digit', '1a', password],
    ['an empty password', 'a', ''],
    ['a password that is not ASCII', 'a', 'ü'],
  ])('%s', async (_case, name, secret) => {
    await expect(provisionDatabase(server.url, { name, password: secret })).rejects.toThrow(
      TypeError,
    );
  });

  it.each([
    ['a reserved name', () => server.url, 'pg_orders', /reserved/],
    ['the name of an administrator', () => server.url, 'postgres', /is an administrator's/],
    [
      'a server that does not answer',
      () => at(server.url, { port: '1' }),
      'orders',
      /127\.0\.0\.1:1 does not answer \(.*ECONNREFUSED/,
    ],
    [
      'an administrator with a wrong password',
      () => at(server.url, { password: 'guess' }),
      'orders',
      /password authentication failed/,
    ],
  ])('%s', async (_case, adminUrl, name, problem) => {
    const refused = provisionDatabase(adminUrl(), { name, password });
    await expect(refused).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(refused).rejects.toThrow(problem);
    await expect(refused).rejects.not.toThrow(new URL(server.url).password);
  });

  it('an administrator who may not create roles', async () => {
    const adminUrl = await provisionDatabase(server.url, { name: 'plain', password });
    await expect(provisionDatabase(adminUrl, { name: 'orders', password })).rejects.toThrow(
      /lets this user not provision the database "orders"/,
    );
  });

  it("a database that is somebody else's", async () => {
    await query(server.url, 'CREATE DATABASE theirs');
    await expect(provisionDatabase(server.url, { name: 'theirs', password })).rejects.toThrow(
      'the database "theirs" exists and belongs to the role "postgres"',
    );
  });
});

describe('a provisioned database', () => {
  it.each(['orders-service', 'select', 'a_1'])('works for its role: %s', async (name) => {
    const url = await provisionDatabase(server.url, { name, password });
    await expect(query(url, 'CREATE TABLE t AS SELECT 1')).resolves.toEqual([]);
    await expect(query(url, 'SELECT current_user::text')).resolves.toEqual([name]);
    await expect(query(url, 'SELECT current_database()::text')).resolves.toEqual([name]);
  });

  it('is the same when provisioned again and in parallel, with the latest password', async () => {
    const provision = (secret: string) =>
      provisionDatabase(server.url, { name: 'twice', password: secret });
    const [first] = await Promise.all([provision('one'), provision('one'), provision('one')]);
    await query(first, 'CREATE TABLE kept AS SELECT 7 AS value');
    const second = await provision('two');
    await expect(query(second, 'SELECT value FROM kept')).resolves.toEqual([7]);
    await expect(query(first, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('opens no other database to its role, and itself to no other role', async () => {
    const [mine, theirs] = await Promise.all(
      ['mine', 'others'].map((name) => provisionDatabase(server.url, { name, password })),
    );
    const refused = { code: '42501' };
    for (const pathname of ['others', 'postgres', 'template1']) {
      await expect(query(at(mine ?? '', { pathname }), 'SELECT 1')).rejects.toMatchObject(refused);
    }
    await expect(query(at(theirs ?? '', { pathname: 'mine' }), 'SELECT 1')).rejects.toMatchObject(
      refused,
    );
    await expect(
      query(
        mine ?? '',
        'SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication FROM pg_roles WHERE rolname = current_user',
      ),
    ).resolves.toEqual([false]);
  });

  it('is provided by an administrator who is no superuser, too', async () => {
    await query(server.url, `CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD 'x'`);
    await query(server.url, 'GRANT CONNECT ON DATABASE postgres TO admin');
    const adminUrl = at(server.url, { username: 'admin', password: 'x' });
    await provisionDatabase(adminUrl, { name: 'by-admin', password });
    const url = await provisionDatabase(adminUrl, { name: 'by-admin', password });
    await expect(query(url, 'CREATE TABLE t AS SELECT 1')).resolves.toEqual([]);
  });

  it('is reached with the parameters of the administrator, except the credentials', async () => {
    const adminUrl = `${server.url}?sslmode=disable&application_name=x&user=postgres`;
    const url = new URL(await provisionDatabase(adminUrl, { name: 'with-parameters', password }));
    expect(url.search).toBe('?sslmode=disable&application_name=x');
  });

  it('has a password that no statement tells the server', () => {
    expect(statements.filter((line) => line.includes('ROLE "twice"'))).not.toHaveLength(0);
    expect(statements.join('\n')).not.toContain(password);
  });
});
