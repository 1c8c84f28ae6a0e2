import { STORES_ENVIRONMENT } from './test-environment';
import { startStores } from './started-stores';
import type { StartedStores } from './started-stores';

let stores: StartedStores | undefined;

/** Starts the stores once for the whole run; the tests' workers inherit their URLs. */
export default async function setUp(): Promise<void> {
  // Jest tears nothing down when it is interrupted.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void tearDown().finally(() => process.kill(process.pid, signal));
    });
  }
  stores = await startStores();
  process.env[STORES_ENVIRONMENT.postgres] = stores.postgresUrl;
  process.env[STORES_ENVIRONMENT.redis] = stores.redisUrl ?? '';
}

/** Stops what {@link setUp} started. */
export async function tearDown(): Promise<void> {
  await stores?.stop();
}
