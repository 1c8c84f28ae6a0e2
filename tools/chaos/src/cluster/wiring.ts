import type { AdjustSettings } from '@sallyport/launcher';
import { Link } from '../link/link';
import type { Edge, Service } from './parts';

/** Which settings of a service hold an address of another part, and on which edge that is. */
const ADDRESSES = {
  gateway: {
    AUTH_GRPC_ADDRESS: 'gateway-auth',
    AUTH_HTTPS_URL: 'gateway-auth',
    ORDERS_GRPC_ADDRESS: 'gateway-orders',
    BILLING_GRPC_ADDRESS: 'gateway-billing',
    DATABASE_URL: 'gateway-postgres',
    REDIS_URL: 'gateway-redis',
  },
  'auth-service': { DATABASE_URL: 'auth-postgres', REDIS_URL: 'auth-redis' },
  'orders-service': {
    AUTH_HTTPS_URL: 'orders-auth',
    BILLING_GRPC_ADDRESS: 'orders-billing',
    DATABASE_URL: 'orders-postgres',
  },
  'billing-service': { DATABASE_URL: 'billing-postgres' },
} as const satisfies Record<Service, Readonly<Record<string, Edge>>>;

/** A link in every connection of a service to another part. */
export class Wiring {
  /** By service and setting. */
  readonly #links = new Map<string, { readonly link: Link; readonly edge: Edge }>();

  static async open(): Promise<Wiring> {
    const wiring = new Wiring();
    for (const [service, addresses] of Object.entries(ADDRESSES)) {
      for (const [name, edge] of Object.entries(addresses)) {
        wiring.#links.set(`${service} ${name}`, { link: await Link.open(), edge });
      }
    }
    return wiring;
  }

  links(edge: Edge): readonly Link[] {
    return [...this.#links.values()].filter((each) => each.edge === edge).map(({ link }) => link);
  }

  /** Leads what a service connects to through its links. */
  readonly adjust: AdjustSettings = (service, settings) => {
    const through = Object.keys(ADDRESSES[service]).map((name) => {
      const address = settings[name] ?? '';
      const link = this.#links.get(`${service} ${name}`)?.link;
      return [name, link === undefined ? address : redirect(address, link)] as const;
    });
    return { ...settings, ...Object.fromEntries(through) };
  };

  async close(): Promise<void> {
    for (const { link } of this.#links.values()) await link.close();
  }
}

/** `host:port` or a URL, to be reached over the link from now on. */
function redirect(address: string, link: Link): string {
  const isUrl = address.includes('://');
  const url = new URL(isUrl ? address : `tcp://${address}`);
  link.leadTo(url.hostname, Number(url.port));
  url.hostname = '127.0.0.1';
  url.port = String(link.port);
  // URLs of these schemes keep no slash that was not there.
  return isUrl ? url.href.replace(/^(https:\/\/[^/]+)\/$/, '$1') : url.host;
}
