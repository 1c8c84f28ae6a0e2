import { join } from 'node:path';
import type { Cluster, Ports } from '@sallyport/launcher';
import { startInstance, type Instance } from './instance';
import { SERVICES, type Service } from './next-version';
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

/** Lets the addresses lead to services on these ports. */
export function pointToPorts(addresses: Addresses, ports: Ports): void {
  for (const service of SERVICES) pointTo(addresses, service, ports);
}

/** Addresses of its own; everything else is as with the instance that it takes the place of. */
function listenOf(service: Service, ports: Ports): Readonly<Record<string, string>> {
  const at = (port: number): string => `127.0.0.1:${port}`;
  switch (service) {
    case 'auth-service':
      return {
        GRPC_LISTEN: at(ports.auth),
        HTTPS_LISTEN: at(ports.authHttps),
        OPS_LISTEN: at(ports.authOps),
      };
    case 'orders-service':
      return { GRPC_LISTEN: at(ports.orders), OPS_LISTEN: at(ports.ordersOps) };
    case 'billing-service':
      return { GRPC_LISTEN: at(ports.billing), OPS_LISTEN: at(ports.billingOps) };
    case 'gateway':
      return {
        PUBLIC_LISTEN: at(ports.gateway),
        PARTNER_LISTEN: at(ports.gatewayPartners),
        PLAIN_LISTEN: at(ports.gatewayPlain),
        OPS_LISTEN: at(ports.gatewayOps),
      };
  }
}

/** What an instance of the other version is started with. */
export function environmentOf(
  { cluster, ports }: Pick<Rollout, 'cluster' | 'ports'>,
  service: Service,
): Readonly<Record<string, string>> {
  const { environment } = cluster.services[service];
  return {
    ...environment,
    ...listenOf(service, ports),
    MIGRATIONS: 'require',
    LOG_LEVEL: 'info',
  };
}

/** From the version that a cluster runs to the one in a checkout. */
export interface Rollout {
  readonly cluster: Cluster;
  readonly checkout: string;
  readonly addresses: Addresses;
  /** Of the other version. */
  readonly ports: Ports;
  /** For the logs of the other version. */
  readonly home: string;
}

/** Replaces one service: the other version is ready before new connections go there, and then the old one ends. */
export async function replace(service: Service, rollout: Rollout): Promise<Instance> {
  const { cluster, checkout, addresses, ports, home } = rollout;
  const logFile = join(home, `next-${service}.log`);
  const environment = environmentOf(rollout, service);
  const instance = await startInstance({ service, checkout, environment, logFile });
  pointTo(addresses, service, ports);
  await cluster.end(service);
  return instance;
}

function pointTo(addresses: Addresses, service: Service, ports: Ports): void {
  const at = (port: number): string => `127.0.0.1:${port}`;
  switch (service) {
    case 'auth-service':
      addresses.auth.point(at(ports.auth));
      addresses.authHttps.point(at(ports.authHttps));
      return;
    case 'orders-service':
      addresses.orders.point(at(ports.orders));
      return;
    case 'billing-service':
      addresses.billing.point(at(ports.billing));
      return;
    case 'gateway':
      addresses.public.point(at(ports.gateway));
  }
}
