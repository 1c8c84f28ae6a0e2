/**
 * `npm run upgrade-test [-- --from CHECKOUT]`: a cluster of the previous version goes over to the next one while customers
 * order. The previous version is what is built in CHECKOUT, this one unless given; the next is this one with more
 * migrations. Everything is on this machine's loopback addresses, with its data in a folder that is gone afterwards.
 */
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts, startCluster } from '@sallyport/launcher';
import { GatewayClient } from '../gateway-client';
import { describeMachine } from '../surroundings';
import { withTemporaryFolder } from '../temporary-folder';
import { inspectOrders, type Inspection } from './inspect-orders';
import { migrate, type Instance } from './instance';
import { makeNextVersion, REPOSITORY, SERVICES } from './next-version';
import {
  environmentOf,
  openAddresses,
  pointToPorts,
  replace,
  settingsOver,
  type Rollout,
} from './rollout';
import { ShopLoad, type ShopResult } from './shop-load';
import type { Switchboard } from './switchboard';

/** How long the customers go on between two steps. */
const STEP_MS = 5_000;

const CONNECTIONS = 6;

const LIMITS = {
  auth: {
    LOGIN_ATTEMPTS_PER_ADDRESS: '100000',
    REGISTRATIONS_PER_ADDRESS: '100000',
  },
  gateway: { RATE_LIMIT_SCALE: '1000' },
};

const main = async (previous: string): Promise<void> => {
  console.log(describeMachine());
  await withTemporaryFolder(async (home) => {
    const checkout = makeNextVersion(join(home, 'next'));
    const addresses = await openAddresses();
    const ports = await freePorts();
    pointToPorts(addresses, ports);
    const { gateway, 'orders-service': orders } = settingsOver(addresses);
    const cluster = await startCluster({
      home: join(home, 'cluster'),
      ports,
      checkout: previous,
      serviceSettings: {
        'auth-service': LIMITS.auth,
        gateway: { ...LIMITS.gateway, ...gateway },
        'orders-service': orders,
      },
      onProgress: (line) => {
        console.log(line);
      },
    });
    const instances: Instance[] = [];
    try {
      await goOver({ cluster, checkout, addresses, ports: await freePorts(), home }, instances);
    } finally {
      await Promise.all(instances.map((instance) => instance.end()));
      await cluster.stop();
      for (const address of Object.values(addresses)) (address as Switchboard).close();
    }
  });
};

const goOver = async (rollout: Rollout, instances: Instance[]): Promise<void> => {
  const { cluster, addresses } = rollout;
  const origin = `https://localhost:${addresses.public.address.split(':')[1] ?? ''}`;
  const client = new GatewayClient(origin, cluster.caFile, CONNECTIONS);
  const load = await ShopLoad.start(client);
  const step = async (what: string): Promise<void> => {
    console.log(`${what.padEnd(44)} ${load.progress}`);
    await delay(STEP_MS);
  };
  await step('the previous version serves');
  for (const service of SERVICES) {
    const { environment } = cluster.services[service];
    await migrate({ service, checkout: rollout.checkout, environment });
  }
  await step('schemas are ahead (expand)');
  for (const service of ['orders-service', 'auth-service'] as const) {
    await cluster.restart(service);
    await step(`the previous ${service} started again`);
  }
  for (const service of SERVICES) {
    instances.push(await replace(service, rollout));
    await step(`the next ${service} serves`);
  }
  for (const service of SERVICES) {
    const environment = environmentOf(rollout, service);
    await migrate({ service, checkout: rollout.checkout, environment }, '--contract');
  }
  await step('schemas are contracted');
  const result = await load.stop();
  await client.close();
  const inspected = await inspectOrders([...result.orders.keys()], {
    orders: cluster.services['orders-service'].environment['DATABASE_URL'] ?? '',
    billing: cluster.services['billing-service'].environment['DATABASE_URL'] ?? '',
  });
  report(result, inspected);
};

const report = (result: ShopResult, inspected: Inspection): void => {
  const { requests, retried, failed, orders, seconds } = result;
  const rows: readonly (readonly [string, number | string])[] = [
    ['requests', `${requests} in ${seconds.toFixed(0)} s`],
    ['answered at a later attempt, same key', retried.length],
    ['never answered', failed.length],
    ['orders acknowledged', orders.size],
    ['… of them lost', inspected.lost],
    ['… confirmed', inspected.confirmed],
    ['… cancelled, nothing charged', inspected.cancelled],
    ['… unsettled after a minute', inspected.unsettled],
    ['… not charged exactly once', inspected.wronglyCharged],
  ];
  for (const [what, count] of rows) console.log(`${what.padEnd(44)} ${count}`);
  for (const [what, count] of tally([...retried, ...failed])) console.log(`  ${count} × ${what}`);
  const { lost, unsettled, wronglyCharged } = inspected;
  if (failed.length + lost + unsettled + wronglyCharged > 0) process.exitCode = 1;
};

const tally = (lines: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
};

const previousOf = ([option, checkout, ...more]: readonly string[]): string => {
  if (option === undefined) return REPOSITORY;
  if (option === '--from' && checkout !== undefined && more.length === 0) return resolve(checkout);
  throw new Error('usage: npm run upgrade-test [-- --from CHECKOUT]');
};

// A signal would end the process without its exit handlers, which end what it started.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
Promise.resolve()
  .then(() => main(previousOf(process.argv.slice(2))))
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
