import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provisionDatabase, startEmbeddedPostgres } from '@sallyport/dev-stores';
import { sql } from 'kysely';
import { createDatabase } from './database';
import { DatabaseUnavailable } from './database-unavailable.error';

jest.setTimeout(60_000);

const dataDirectory = mkdtempSync(join(tmpdir(), 'restart-'));

afterAll(() => {
  rmSync(dataDirectory, { recursive: true });
});

it('a pool survives the restart of its server under load: it refuses meanwhile and then works', async () => {
  let server = await startEmbeddedPostgres({ dataDirectory });
  const url = await provisionDatabase(server.url, { name: 'service', password: 'secret' });
  const database = createDatabase({ url, applicationName: 'spec', poolSize: 4 });
  await sql`CREATE TABLE marks (n int PRIMARY KEY)`.execute(database.db);

  const accepted: number[] = [];
  const refusals: unknown[] = [];
  let next = 0;
  let underLoad = true;
  const worker = async () => {
    while (underLoad) {
      const n = (next += 1);
      try {
        await sql`INSERT INTO marks VALUES (${n})`.execute(database.db);
        accepted.push(n);
      } catch (error) {
        refusals.push(error);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  };
  const workers = [1, 2, 3, 4].map(worker);
  const pause = (milliseconds: number) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));
  await pause(200);
  await server.stop();
  await expect(database.check()).rejects.toThrow(DatabaseUnavailable);
  await pause(200);
  server = await startEmbeddedPostgres({ dataDirectory, port: server.port });
  const acceptedBefore = accepted.length;
  await pause(500);
  underLoad = false;
  await Promise.all(workers);

  expect(refusals.length).toBeGreaterThan(0);
  expect(refusals.filter((error) => !(error instanceof DatabaseUnavailable))).toEqual([]);
  expect(accepted.length).toBeGreaterThan(acceptedBefore);
  await expect(database.check()).resolves.toBeUndefined();
  const { rows } = await sql<{ n: number }>`SELECT n FROM marks`.execute(database.db);
  const kept = new Set(rows.map(({ n }) => n));
  expect(accepted.filter((n) => !kept.has(n))).toEqual([]);
  await database.close();
  await server.stop();
});
