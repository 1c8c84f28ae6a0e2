import { randomBytes } from 'node:crypto';
import { provisionDatabase } from '@sallyport/dev-stores';
import { Client } from 'pg';
import { STORES_ENVIRONMENT, storeUrl } from './test-environment';

/** Makes an empty database on the run's real PostgreSQL, with a role that owns it; resolves with its URL. */
export function postgresForTests(): Promise<string> {
  return provisionDatabase(storeUrl(STORES_ENVIRONMENT.postgres), {
    name: `test_${randomBytes(8).toString('hex')}`,
    password: randomBytes(16).toString('hex'),
  });
}

/** Copies a database as a backup would, for the same role; resolves with the URL of the copy. Nobody may be connected to it. */
export async function copyOfDatabase(url: string): Promise<string> {
  const source = new URL(url);
  const name = `test_${randomBytes(8).toString('hex')}`;
  const administrator = new Client({ connectionString: storeUrl(STORES_ENVIRONMENT.postgres) });
  await administrator.connect();
  try {
    const [owner, template] = [source.username, source.pathname.slice(1)];
    await administrator.query(`CREATE DATABASE ${name} OWNER ${owner} TEMPLATE ${template}`);
  } finally {
    await administrator.end();
  }
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
