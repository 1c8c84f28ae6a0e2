/**
 * `npm run chaos`: breaks one part after the other of a cluster of its own, under load, and says what held. Exit code 1
 * when something that must hold did not.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { checkRun } from './check-run';
import { LocalCluster } from './cluster/local-cluster';
import { REFRESH_GRACE_SECONDS } from './cluster/settings';
import { parseCommandLine, UsageError } from './command-line';
import type { Wish } from './command-line';
import { FAULTS } from './faults/catalogue';
import { History } from './history/history';
import { readAudits, readCharges, readOrders } from './history/read-state';
import { Load } from './load/load';
import { readShownOrders } from './load/shown-orders';
import { Canary } from './recovery/canary';
import { report } from './report/report';
import { table } from './report/table';
import { RECOVERY_BOUND_MS, runSuite } from './suite';

/** The stated bound of revocation, as a gateway has it by default. */
const REVOCATION_BOUND_MS = 2_000;
/** Calm before the first fault. */
const WARM_UP_MS = 3_000;
/** An order that was left open is taken up after 15 s, in passes of 5 s, and again after another 15 s. */
const SETTLED_WITHIN_MS = 45_000;

async function chaos(wish: Wish, stopping: AbortSignal): Promise<boolean> {
  const say = (line: string): void => {
    console.log(line);
  };
  say(`seed ${wish.seed}, ${wish.faults.length} faults`);
  const cluster = await LocalCluster.start(say);
  try {
    const history = new History();
    let skewSeconds = 0;
    const load = await prepare(cluster, history, wish.seed, () => skewSeconds);
    const { credentials, apiKey, sku } = load.canary;
    const canary = new Canary(cluster, load.client, credentials, apiKey, sku);
    load.start();
    await delay(WARM_UP_MS);
    const { runs, skipped } = await runSuite({
      ...{ cluster, canary, stopping, report: say },
      faults: wish.faults,
      onSkew: (seconds) => {
        skewSeconds = seconds;
      },
    });
    await load.stop();
    await settled(cluster);
    const state = {
      shown: await readShownOrders(load.customers),
      orders: await readOrders(cluster),
      charges: await readCharges(cluster),
      audits: await readAudits(cluster),
    };
    await load.close();
    const violations = checkRun(history, state, runs, {
      revocationMs: REVOCATION_BOUND_MS,
      graceMs: REFRESH_GRACE_SECONDS * 1000,
      recoveryMs: RECOVERY_BOUND_MS,
    });
    say('');
    say(report(runs, skipped, history, violations));
    say('');
    say(
      `${history.requests.length} requests, ${history.orders.length} orders acknowledged, ` +
        `${history.revocations.length} revocations, ${history.presentations.length} revoked credentials presented, ` +
        `${history.probes.length} probes, ${history.refreshes.length} refreshes; ${violations.length} violations`,
    );
    return violations.length === 0;
  } finally {
    await cluster.stop();
  }
}

function prepare(
  { cluster, databaseUrl }: LocalCluster,
  history: History,
  seed: number,
  skewSeconds: () => number,
): Promise<Load> {
  const viewer = cluster.seededAccounts.find(({ email }) => email === 'viewer@example.com');
  if (viewer === undefined) throw new Error('there is no account of a viewer');
  const { environment } = cluster.services['auth-service'];
  return Load.prepare({
    gatewayUrl: cluster.gatewayUrl,
    caFile: cluster.caFile,
    seed,
    history,
    viewer,
    authDatabaseUrl: databaseUrl('auth-service'),
    keyEncryptionKeyFile: environment['KEY_ENCRYPTION_KEY_FILE'] ?? '',
    skewSeconds,
  });
}

/** Waits until no order is left open, and for that no longer than it may take. */
async function settled(cluster: LocalCluster): Promise<void> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  while (performance.now() < deadline) {
    const orders = await readOrders(cluster);
    if (orders.every(({ status }) => status === 'confirmed' || status === 'cancelled')) return;
    await delay(500);
  }
}

function list(): void {
  console.log(
    table([
      ['fault', 'what', 'seconds'],
      ...FAULTS.map(({ name, what, seconds }) => [name, what, String(seconds)]),
    ]),
  );
}

async function main(words: readonly string[]): Promise<number> {
  const newSeed = (): number => Math.floor(Math.random() * 2 ** 31);
  const wish = parseCommandLine(words, { faults: FAULTS, newSeed });
  if (wish.list) {
    list();
    return 0;
  }
  const stopping = new AbortController();
  const stop = (): void => {
    // The second time somebody means it.
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return (await chaos(wish, stopping.signal)) ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
