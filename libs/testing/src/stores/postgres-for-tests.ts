import { randomBytes } from 'node:crypto';
import { provisionDatabase } from '@sallyport/dev-stores';
import { STORES_ENVIRONMENT, storeUrl } from './test-environment';

/** Makes an empty database on the run's real PostgreSQL, with a role that owns it; resolves with its URL. */
export function postgresForTests(): Promise<string> {
  return provisionDatabase(storeUrl(STORES_ENVIRONMENT.postgres), {
    name: `test_${randomBytes(8).toString('hex')}`,
    password: randomBytes(16).toString('hex'),
  });
}
