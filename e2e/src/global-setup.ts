import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '@sallyport/launcher';
import { factsOf, publishCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';
import { startFleetingPostgres } from './fleeting-postgres';
import { collectSecretsIn } from './secrets-in-use';
import { expectCleanTrail } from './trail';

/** What was started or made, to be undone in reverse order. */
const undo: (() => Promise<unknown>)[] = [];

/** All specs come from one address, which the limits would take for one very busy stranger. */
const AUTH_SETTINGS = {
  LOGIN_ATTEMPTS_PER_ADDRESS: '100000',
  REGISTRATIONS_PER_ADDRESS: '100000',
  SECOND_FACTOR_ATTEMPTS_PER_ADDRESS: '100000',
  PASSWORD_RESETS_PER_ADDRESS: '100000',
  SMS_PER_ADDRESS: '100000',
  SMS_PER_HOUR: '100000',
  // Of the numbers that nobody has, and one country that has none of the specs'.
  SMS_COUNTRIES: 'US,DE',
  // Those of the specs are on this machine.
  PRIVATE_CLIENT_ADDRESSES: '1',
  // A day: no spec can replace the key that signs for all the others.
  SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '86400',
};

/**
 * Five times what a gateway is given otherwise: on a machine that is busy with the whole test run a heartbeat comes late,
 * which must not look like a feed that is lost. How long a revocation takes is measured with a deadline of its own.
 */
const GATEWAY_SETTINGS = {
  REVOCATION_BOUND_MS: '10000',
  CORS_ORIGINS: 'https://app.localhost:8443',
  // All specs come from one address here as well.
  RATE_LIMIT_SCALE: '1000',
};

/** Starts the one cluster of the run: the built applications as processes, on free ports. */
export default async function setUp(): Promise<void> {
  try {
    publishCluster(await startSharedCluster());
  } catch (cause) {
    await tearDown();
    throw cause;
  }
}

/** Stops and removes everything {@link setUp} left. */
export async function tearDown(): Promise<void> {
  const failures: unknown[] = [];
  for (const step of undo.splice(0).reverse()) {
    await step().catch((cause: unknown) => failures.push(cause));
  }
  if (failures.length > 0) throw failures[0];
}

async function startSharedCluster(): Promise<ClusterFacts> {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-e2e-'));
  const removeHome = (): void => {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', removeHome);
  // A signal would end the process without its exit handlers, which also end what it started.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  undo.push(() => rm(home, { recursive: true, force: true }));

  const postgres = await startFleetingPostgres(home);
  undo.push(() => postgres.stop());

  const secretsFile = join(home, 'secrets-in-use');
  collectSecretsIn(secretsFile);
  const cluster = await startCluster({
    home: join(home, 'cluster'),
    ports: 'free',
    databaseUrl: postgres.url,
    serviceSettings: { 'auth-service': AUTH_SETTINGS, gateway: GATEWAY_SETTINGS },
  });
  const facts = factsOf(cluster);
  undo.push(() => expectCleanTrail(facts, secretsFile));
  undo.push(() => cluster.stop());
  return facts;
}
