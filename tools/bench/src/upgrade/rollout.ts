import { join } from 'node:path';
import type { Cluster, Ports } from '@sallyport/launcher';
import { startInstance, type Instance } from './instance';
import type { Service } from './next-version';
import { Switchboard } from './switchboard';

/** The address of each listener that others connect to, whatever instance is behind it. */
export interface Addresses {
  readonly auth: Switchboard;
  readonly authHttps: Switchboard;
  readonly orders: Switchboard;
  readonly billing: Switchboard;
  readonly public: Switchboard;
}

export async function openAddresses(): Promise<Addresses> {
  const [auth, authHttps, orders, billing, publicFace] = await Promise.all(
    Array.from({ length: 5 }, () => Switchboard.open()),
  );
  if (!auth || !authHttps || !orders || !billing || !publicFace)
    throw new TypeError('five of them');
  return { auth, authHttps, orders, billing, public: publicFace };
}

/** What services are told of each other. */
export function settingsOver(
  addresses: Addresses,
): Readonly<Record<'gateway' | 'orders-service', Readonly<Record<string, string>>>> {
  const authHttps = `https://${addresses.authHttps.address}`;
  return {
    gateway: {
      AUTH_GRPC_ADDRESS: addresses.auth.address,
      AUTH_HTTPS_URL: authHttps,
      ORDERS_GRPC_ADDRESS: addresses.orders.address,
      BILLING_GRPC_ADDRESS: addresses.billing.address,
    },
    'orders-service': {
      AUTH_HTTPS_URL: authHttps,
      BILLING_GRPC_ADDRESS: addresses.billing.address,
    },
  };
}

/** Lets the addresses lead to a cluster on these ports. */
export function pointToPorts(addresses: Addresses, ports: Ports): void {
  const at = (port: number): string => `127.0.0.1:${port}`;
  addresses.auth.point(at(ports.auth));
  addresses.authHttps.point(at(ports.authHttps));
  addresses.orders.point(at(ports.orders));
  addresses.billing.point(at(ports.billing));
  addresses.public.point(at(ports.gateway));
}

/** Ports of its own; everything else is as with the instance that it takes the place of. */
const LISTEN: Readonly<Record<string, string>> = {
  GRPC_LISTEN: '127.0.0.1:0',
  HTTPS_LISTEN: '127.0.0.1:0',
  OPS_LISTEN: '127.0.0.1:0',
  PUBLIC_LISTEN: '127.0.0.1:0',
  PARTNER_LISTEN: '127.0.0.1:0',
  PLAIN_LISTEN: '',
};

/** What an instance of another version is started with. */
export function environmentOf(
  cluster: Cluster,
  service: Service,
): Readonly<Record<string, string>> {
  const { environment } = cluster.services[service];
  const listen = Object.entries(LISTEN).filter(([name]) => Object.hasOwn(environment, name));
  return {
    ...environment,
    ...Object.fromEntries(listen),
    MIGRATIONS: 'require',
    LOG_LEVEL: 'info',
  };
}

/** From the version that a cluster runs to the one in a checkout. */
export interface Rollout {
  readonly cluster: Cluster;
  readonly checkout: string;
  readonly addresses: Addresses;
  /** For the logs of the other version. */
  readonly home: string;
}

/** Replaces one service: the other version is ready before new connections go there, and then the old one ends. */
export async function replace(
  service: Service,
  { cluster, checkout, addresses, home }: Rollout,
): Promise<Instance> {
  const logFile = join(home, `next-${service}.log`);
  const environment = environmentOf(cluster, service);
  const instance = await startInstance({ service, checkout, environment, logFile });
  pointTo(addresses, instance);
  await cluster.end(service);
  return instance;
}

function pointTo(addresses: Addresses, { service, ports }: Instance): void {
  const at = (name: string): string => `127.0.0.1:${ports[name] ?? 0}`;
  switch (service) {
    case 'auth-service':
      addresses.auth.point(at('grpcPort'));
      addresses.authHttps.point(at('httpsPort'));
      return;
    case 'orders-service':
      addresses.orders.point(at('grpcPort'));
      return;
    case 'billing-service':
      addresses.billing.point(at('grpcPort'));
      return;
    case 'gateway':
      addresses.public.point(at('publicPort'));
  }
}
