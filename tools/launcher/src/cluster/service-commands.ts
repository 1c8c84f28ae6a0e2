import { join } from 'node:path';
import { SAMPLE_SPA_ORIGIN } from './clients';
import type { AdjustSettings } from './cluster';
import type { Home } from './home';
import { byService } from './listeners';
import type { ListenerName, Ports, ServiceName } from './listeners';
import { REPOSITORY } from './repository';
import type { ServiceCommand } from './service-process';

const HOST = '127.0.0.1';

/** What the services need to know beyond their code. */
export interface Surroundings {
  readonly home: Home;
  readonly ports: Ports;
  readonly certsFolder: string;
  /** By database name. */
  readonly databaseUrls: Readonly<Record<DatabaseName, string>>;
  readonly redisUrl: string;
  readonly logLevel: string;
  /** Inherited by every service, for what the system itself needs (`PATH`, a private CA, …). */
  readonly inherited: Readonly<Record<string, string>>;
  /** Settings of single services over those given here. */
  readonly overrides: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>>;
  /** The checkout whose build of the services is run; this one unless given. */
  readonly checkout?: string | undefined;
  /** Has the last word about the environment of each; as it is unless given. */
  readonly adjust?: AdjustSettings | undefined;
}

/** A database, and the role of the same name that owns it, for each service. */
export const DATABASE_NAMES = [
  'sallyport_auth',
  'sallyport_orders',
  'sallyport_billing',
  'sallyport_gateway',
] as const;
export type DatabaseName = (typeof DATABASE_NAMES)[number];

/** The address a listener is reached at, as `host:port`. */
export function addressOf(ports: Ports, name: ListenerName): string {
  return `${HOST}:${ports[name]}`;
}

/** The public address: also the issuer of the tokens. */
export function publicUrl(ports: Ports): string {
  return `https://localhost:${ports.gateway}`;
}

/** Where partners reach the same gateway. */
export function partnersUrl(ports: Ports): string {
  return `https://localhost:${ports.gatewayPartners}`;
}

/** How each service is started. Its environment is complete: nothing else of the launcher's reaches it. */
export function serviceCommands(surroundings: Surroundings): Record<ServiceName, ServiceCommand> {
  const settings = serviceSettings(surroundings);
  const { adjust = (_name, environment) => environment } = surroundings;
  const commandOf = (name: ServiceName): ServiceCommand => ({
    module: join(surroundings.checkout ?? REPOSITORY, 'apps', name, 'dist', 'main.js'),
    logFile: join(surroundings.home.logs, `${name}.log`),
    environment: adjust(name, {
      ...surroundings.inherited,
      SVID_DIR: join(surroundings.certsFolder, 'workloads', name),
      LOG_LEVEL: surroundings.logLevel,
      ...settings[name],
      ...surroundings.overrides[name],
    }),
  });
  return byService(commandOf);
}

function serviceSettings({
  home,
  ports,
  certsFolder,
  databaseUrls,
  redisUrl,
}: Surroundings): Record<ServiceName, Readonly<Record<string, string>>> {
  const at = (name: ListenerName): string => addressOf(ports, name);
  return {
    'auth-service': {
      GRPC_LISTEN: at('auth'),
      HTTPS_LISTEN: at('authHttps'),
      OPS_LISTEN: at('authOps'),
      DATABASE_URL: databaseUrls.sallyport_auth,
      REDIS_URL: redisUrl,
      ISSUER: publicUrl(ports),
      PARTNER_URL: partnersUrl(ports),
      KEY_ENCRYPTION_KEY_FILE: home.keyEncryptionKeyFile,
      SEED_ACCOUNTS_FILE: home.seedAccountsFile,
      SEED_PARTNERS_FILE: home.seedPartnersFile,
      SEED_CLIENTS_FILE: home.seedClientsFile,
      MAIL_OUTBOX_DIR: home.mail,
      SMS_OUTBOX_DIR: home.mail,
    },
    'billing-service': {
      GRPC_LISTEN: at('billing'),
      OPS_LISTEN: at('billingOps'),
      DATABASE_URL: databaseUrls.sallyport_billing,
    },
    'orders-service': {
      GRPC_LISTEN: at('orders'),
      OPS_LISTEN: at('ordersOps'),
      DATABASE_URL: databaseUrls.sallyport_orders,
      BILLING_GRPC_ADDRESS: at('billing'),
      AUTH_HTTPS_URL: `https://${at('authHttps')}`,
    },
    gateway: {
      PUBLIC_LISTEN: at('gateway'),
      PARTNER_LISTEN: at('gatewayPartners'),
      PARTNER_CA_FILE: join(certsFolder, 'partner', 'ca.pem'),
      PARTNER_CRL_FILE: join(certsFolder, 'partner', 'crl.pem'),
      PLAIN_LISTEN: at('gatewayPlain'),
      PUBLIC_TLS_DIR: join(certsFolder, 'public'),
      PUBLIC_URL: publicUrl(ports),
      DATABASE_URL: databaseUrls.sallyport_gateway,
      CORS_CLIENT_ORIGINS: SAMPLE_SPA_ORIGIN,
      REDIS_URL: redisUrl,
      OPS_LISTEN: at('gatewayOps'),
      AUTH_GRPC_ADDRESS: at('auth'),
      AUTH_HTTPS_URL: `https://${at('authHttps')}`,
      ORDERS_GRPC_ADDRESS: at('orders'),
      BILLING_GRPC_ADDRESS: at('billing'),
    },
  };
}
