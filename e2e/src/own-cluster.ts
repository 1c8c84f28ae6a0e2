import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '@sallyport/launcher';
import type { Cluster, ClusterOptions } from '@sallyport/launcher';
import { startSharedState } from '@sallyport/dev-stores';
import { Breaker } from './breaker';
import { requireDeclared } from './capabilities';
import { factsOf } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';
import { startFleetingPostgres } from './fleeting-postgres';

/** A cluster for a spec that breaks things, so that the other specs do not notice. */
export interface OwnCluster {
  readonly cluster: Cluster;
  readonly facts: ClusterFacts;
  /** Between the services and their shared state. */
  readonly sharedState: Breaker;
  /** The shared state itself, past the breaker. */
  readonly sharedStateUrl: string;
  stop(): Promise<void>;
}

/** What a spec asks comes from one address, and more often than from a customer. */
const WITHOUT_RATE_LIMITS = {
  gateway: { RATE_LIMIT_SCALE: '1000' },
  'auth-service': { REFRESHES_PER_SESSION: '100000' },
};

const STOPPED_WITHIN_MS = 120_000;

const started: Promise<OwnCluster>[] = [];

/** Jest gives up a hook that takes too long, and who waited for the cluster in it has nothing to stop. */
afterAll(async () => {
  for (const start of await Promise.allSettled(started)) {
    if (start.status === 'fulfilled') await start.value.stop();
  }
}, STOPPED_WITHIN_MS);

/**
 * Starts a cluster on free ports, with its data in a temporary folder that {@link OwnCluster.stop} removes; stopped with the
 * last test of the file at the latest.
 */
export function startOwnCluster(
  serviceSettings: NonNullable<ClusterOptions['serviceSettings']>,
): Promise<OwnCluster> {
  // On a cluster that was given they are skipped: they would say nothing of it.
  requireDeclared('own-cluster', 'a cluster of its own');
  const start = startCompletely(serviceSettings);
  started.push(start);
  return start;
}

async function startCompletely(
  serviceSettings: NonNullable<ClusterOptions['serviceSettings']>,
): Promise<OwnCluster> {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-journey-'));
  process.once('exit', () => {
    rmSync(home, { recursive: true, force: true });
  });
  const [postgres, store] = await Promise.all([
    startFleetingPostgres(home),
    startSharedState({ dataDirectory: join(home, 'shared-state'), log: () => undefined }),
  ]);
  const sharedState = await Breaker.before(store.url);
  const stopStores = async (): Promise<void> => {
    await sharedState.close();
    await store.stop();
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
  };
  const cluster = await startCluster({
    home: join(home, 'cluster'),
    ports: 'free',
    databaseUrl: postgres.url,
    redisUrl: sharedState.url,
    serviceSettings: {
      ...serviceSettings,
      gateway: { ...WITHOUT_RATE_LIMITS.gateway, ...serviceSettings.gateway },
      'auth-service': {
        ...WITHOUT_RATE_LIMITS['auth-service'],
        ...serviceSettings['auth-service'],
      },
    },
  }).catch(async (cause: unknown) => {
    await stopStores();
    throw cause;
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= cluster.stop().finally(stopStores));
  return { cluster, facts: factsOf(cluster), sharedState, sharedStateUrl: store.url, stop };
}
