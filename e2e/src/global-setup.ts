import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '@sallyport/launcher';
import type { ClusterOptions } from '@sallyport/launcher';
import { factsOf, publishCluster } from './cluster-facts';
import type { KnownFacts } from './cluster-facts';
import { CLUSTER_FILE_VARIABLE, readClusterFile } from './cluster-file';
import { factsOfDescribed, forgetOldClaims } from './described-cluster';
import { followLogs } from './follow-logs';
import { startFleetingPostgres } from './fleeting-postgres';
import { collectSecretsIn } from './secrets-in-use';
import { expectCleanTrail } from './trail';

type ServiceSettings = NonNullable<ClusterOptions['serviceSettings']>;

/** What was started or made, to be undone in reverse order. */
const undo: (() => Promise<unknown>)[] = [];

/** What a cluster under test is started with: README.md says why. */
const SETTINGS_FILE = join(__dirname, '..', 'cluster-settings.json');

/** Gets the one cluster of the run: that of the cluster file, or the built applications as processes, on free ports. */
export default async function setUp(): Promise<void> {
  try {
    const clusterFile = process.env[CLUSTER_FILE_VARIABLE] ?? '';
    const home = await makeHome();
    publishCluster(
      clusterFile === '' ? await startSharedCluster(home) : await joinCluster(clusterFile, home),
    );
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

/** The folder of the run, which is removed with it. */
async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-e2e-'));
  const removeHome = (): void => {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', removeHome);
  // A signal would end the process without its exit handlers, which also end what it started.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  undo.push(() => rm(home, { recursive: true, force: true }));
  return home;
}

async function startSharedCluster(home: string): Promise<KnownFacts> {
  const postgres = await startFleetingPostgres(home);
  undo.push(() => postgres.stop());

  const secretsFile = join(home, 'secrets-in-use');
  collectSecretsIn(secretsFile);
  const cluster = await startCluster({
    home: join(home, 'cluster'),
    ports: 'free',
    databaseUrl: postgres.url,
    serviceSettings: JSON.parse(await readFile(SETTINGS_FILE, 'utf8')) as ServiceSettings,
  });
  const facts = factsOf(cluster);
  undo.push(() => expectCleanTrail(facts, secretsFile));
  undo.push(() => cluster.stop());
  return facts;
}

/** A cluster that runs already, and goes on when the run ends. */
async function joinCluster(clusterFile: string, home: string): Promise<KnownFacts> {
  const described = readClusterFile(clusterFile);
  const logs =
    described.logs && (await followLogs(described.logs, described.folder, join(home, 'logs')));
  const facts = factsOfDescribed(described, logs?.files);
  await forgetOldClaims(facts.claimsFolder);

  const secretsFile = join(home, 'secrets-in-use');
  collectSecretsIn(secretsFile);
  undo.push(() => expectCleanTrail(facts, secretsFile));
  // Before that, so that the last lines are in their files.
  if (logs) undo.push(() => logs.stop());
  return facts;
}
