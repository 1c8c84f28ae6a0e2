import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { postgresForTests } from '@sallyport/testing';
import { sql } from 'kysely';
import { Client } from 'pg';
import { createDatabase } from './database';
import type { Database } from './database';
import { DatabaseUnavailable } from './database-unavailable.error';

jest.setTimeout(30_000);

interface Tables {
  entries: { id: number; amount: number; at: Date };
}

let url: string;
beforeAll(async () => {
  url = await postgresForTests();
});

const opened: Database<Tables>[] = [];
function open(
  options: { url?: string; poolSize?: number; statementTimeoutMs?: number } = {},
): Database<Tables> {
  const database = createDatabase<Tables>({ url, applicationName: 'spec', ...options });
  opened.push(database);
  return database;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

/** What stands between a client and the server, and can fall silent or cut the connection. */
async function startProxy(): Promise<{
  url: string;
  silence(): void;
  cut(): void;
  server: Server;
}> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(url);
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.href,
    silence: () => {
      for (const socket of sockets) socket.unpipe();
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    server,
  };
}

describe('a statement rejects with DatabaseUnavailable', () => {
  const unavailable = { name: 'DatabaseUnavailable', code: 'database_unavailable' };

  it('when nothing listens', async () => {
    const database = open({ url: 'postgres://nobody@127.0.0.1:1/none' });
    await expect(database.check()).rejects.toMatchObject(unavailable);
    await expect(database.db.selectFrom('entries').selectAll().execute()).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it('when it takes too long, and the connection is used again afterwards', async () => {
    const { db } = open({ statementTimeoutMs: 100, poolSize: 1 });
    await expect(sql`SELECT pg_sleep(10)`.execute(db)).rejects.toMatchObject({
      ...unavailable,
      cause: { code: '57014' },
    });
    await expect(sql`SELECT 1`.execute(db)).resolves.toBeDefined();
  });

  it('when all connections are taken for too long', async () => {
    const { db, check } = open({ poolSize: 1 });
    const holding = db
      .transaction()
      .execute(() => new Promise((resolve) => setTimeout(resolve, 3_300)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(check()).rejects.toMatchObject(unavailable);
    await holding;
    await expect(check()).resolves.toBeUndefined();
  });

  it('when the server falls silent, without waiting for it to roll back', async () => {
    const proxy = await startProxy();
    const { db } = open({ url: proxy.url, statementTimeoutMs: 100 });
    await sql`SELECT 1`.execute(db);
    const begun = performance.now();
    await expect(
      db.transaction().execute(async (transaction) => {
        proxy.silence();
        await sql`SELECT 1`.execute(transaction);
      }),
    ).rejects.toMatchObject({ ...unavailable, cause: { message: 'Query read timeout' } });
    expect(performance.now() - begun).toBeLessThan(3_000);
    await expect(sql`SELECT 1`.execute(db)).resolves.toBeDefined();
    proxy.cut();
    proxy.server.close();
  });

  it('once, when the server falls silent on all the connections there are', async () => {
    const proxy = await startProxy();
    const { db, pool } = open({ url: proxy.url, statementTimeoutMs: 100, poolSize: 5 });
    await Promise.all([1, 2, 3, 4, 5].map(() => sql`SELECT pg_sleep(0.05)`.execute(db)));
    expect(pool.totalCount).toBe(5);
    proxy.silence();

    await expect(sql`SELECT 1`.execute(db)).rejects.toThrow(DatabaseUnavailable);
    const since = performance.now();
    for (let count = 0; count < 5; count += 1) {
      await expect(sql`SELECT 1`.execute(db)).resolves.toBeDefined();
    }
    expect(performance.now() - since).toBeLessThan(1_000);
    expect(pool.totalCount).toBeLessThanOrEqual(5);
    proxy.cut();
    proxy.server.close();
  });

  it('when the connection is cut between the statements of a transaction', async () => {
    const proxy = await startProxy();
    const { db } = open({ url: proxy.url });
    await expect(
      db.transaction().execute(async (transaction) => {
        await sql`SELECT 1`.execute(transaction);
        proxy.cut();
        await new Promise((resolve) => setTimeout(resolve, 100));
        await sql`SELECT 1`.execute(transaction);
      }),
    ).rejects.toThrow(DatabaseUnavailable);
    await expect(sql`SELECT 1`.execute(db)).resolves.toBeDefined();
    proxy.server.close();
  });
});

describe('a statement keeps the error of its own', () => {
  it('when it is wrong', async () => {
    const { db } = open();
    await expect(sql`SELEKT 1`.execute(db)).rejects.toMatchObject({ code: '42601' });
    await expect(sql`SELECT 1`.execute(db)).resolves.toBeDefined();
  });

  it('when the password is wrong', async () => {
    const wrong = new URL(url);
    wrong.password = 'guess';
    await expect(open({ url: wrong.href }).check()).rejects.toMatchObject({ code: '28P01' });
  });

  it('when a bigint is beyond what a number holds', async () => {
    const { db } = open();
    await expect(sql`SELECT 9007199254740993::bigint AS value`.execute(db)).rejects.toThrow(
      RangeError,
    );
    await expect(sql`SELECT 1`.execute(db)).resolves.toBeDefined();
  });
});

describe('a database', () => {
  it('gives bigint as number, timestamptz as Date and numeric as text', async () => {
    const { db } = open();
    const { rows } = await sql`
      SELECT count(*) AS count, 9007199254740991::bigint AS large, NULL::bigint AS nothing,
             1.50::numeric AS exact, '2026-01-02T03:04:05.678+02'::timestamptz AS at`.execute(db);
    expect(rows).toEqual([
      {
        count: 1,
        large: 9_007_199_254_740_991,
        nothing: null,
        exact: '1.50',
        at: new Date('2026-01-02T01:04:05.678Z'),
      },
    ]);
  });

  it('bounds how long statements, locks and idle transactions take, and tells its name', async () => {
    const { db } = open({ statementTimeoutMs: 1_500 });
    const { rows } = await sql`
      SELECT current_setting('application_name') AS name, current_setting('statement_timeout') AS statement,
             current_setting('lock_timeout') AS lock,
             current_setting('idle_in_transaction_session_timeout') AS idle`.execute(db);
    expect(rows).toEqual([{ name: 'spec', statement: '1500ms', lock: '1500ms', idle: '10s' }]);
  });

  it('rolls a transaction back that throws', async () => {
    const { db } = open();
    await sql`CREATE TABLE entries (id int, amount bigint, at timestamptz(3))`.execute(db);
    const boom = new Error('boom');
    const work = db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('entries')
        .values({ id: 1, amount: 1, at: new Date() })
        .execute();
      throw boom;
    });
    await expect(work).rejects.toBe(boom);
    await expect(db.selectFrom('entries').selectAll().execute()).resolves.toEqual([]);
  });

  it('survives that all its idle connections are closed by the server', async () => {
    const { db, pool } = open({ poolSize: 3 });
    await Promise.all([1, 2, 3].map(() => sql`SELECT pg_sleep(0.05)`.execute(db)));
    const other = new Client({ connectionString: url });
    await other.connect();
    await other.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'spec' AND usename = current_user AND pid <> pg_backend_pid()`);
    await other.end();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(pool.totalCount).toBe(0);
    await expect(sql`SELECT 1`.execute(db)).resolves.toBeDefined();
  });

  it('closes twice, and without ever having been used', async () => {
    const unused = open();
    await unused.close();
    await unused.close();
    await expect(unused.check()).rejects.toThrow();
  });
});
