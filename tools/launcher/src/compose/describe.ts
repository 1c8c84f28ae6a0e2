import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeededAccount } from '../cluster/accounts';
import type { Home } from '../cluster/home';
import { byService, SERVICE_NAMES } from '../cluster/listeners';
import type { ServiceName } from '../cluster/listeners';
import type { DockerCompose } from './docker-compose';
import { OUTBOX } from './override';

/** Prints the content of each message as one JSON array: the image has no shell. */
const MESSAGES = `
const { readdirSync, readFileSync } = require('node:fs');
const names = readdirSync('${OUTBOX}').filter((name) => name.endsWith('.txt')).sort();
console.log(JSON.stringify(names.map((name) => readFileSync('${OUTBOX}/' + name, 'utf8'))));
`;

/**
 * Says how everything of a compose cluster is reached from the Docker host, as a cluster file: e2e/README.md names the members.
 * Containers are reached by address over their networks. Takes a copy of the development authority and of the passwords.
 */
export async function describeComposeCluster(
  compose: DockerCompose,
  home: Home,
  seededAccounts: readonly SeededAccount[],
): Promise<unknown> {
  await rm(home.certificates, { recursive: true, force: true });
  await compose.copy('certificates', '/var/lib/sallyport/certificates', home.certificates);
  await compose.copy('auth-service', '/run/secrets/key_encryption_key', home.keyEncryptionKeyFile);
  const [gateway, auth, orders, billing, postgres] = await Promise.all([
    compose.networksOf('gateway'),
    compose.networksOf('auth-service'),
    compose.networksOf('orders-service'),
    compose.networksOf('billing-service'),
    compose.networksOf('postgres'),
  ]);
  const of = {
    gateway,
    'auth-service': auth,
    'orders-service': orders,
    'billing-service': billing,
  };
  const operations = byService((name) => `${of[name].addressIn(`telemetry-${name}`)}:9100`);
  const publicAddress = gateway.addressIn('public');
  return {
    gatewayUrl: 'https://localhost:8443',
    // Past the published port, which changes the client's: refusals in the handshake are found in the logs by that.
    gatewayAddress: `${publicAddress}:8443`,
    caFile: join(home.certificates, 'ca.pem'),
    clientAddress: gateway.hostIn('public'),
    partners: { url: 'https://localhost:8444', address: `${publicAddress}:8444` },
    plainAddress: `${publicAddress}:8480`,
    internal: {
      'auth-service': {
        grpc: `${auth.addressIn('gateway-auth-service')}:50051`,
        https: `${auth.addressIn('gateway-auth-service')}:8451`,
      },
      'orders-service': { grpc: `${orders.addressIn('gateway-orders-service')}:50052` },
      'billing-service': { grpc: `${billing.addressIn('gateway-billing-service')}:50053` },
    },
    operations,
    certificates: { folder: home.certificates },
    logs: await logsOf(compose),
    databases: await databaseUrls(compose, home, (name) => postgres.addressIn(`${name}-postgres`)),
    keyEncryptionKey: { file: home.keyEncryptionKeyFile },
    outbox: { command: [...compose.command, ...inAuthService('--eval', MESSAGES)] },
    seededAccounts,
    operator: {
      command: [...compose.command, ...inAuthService('apps/auth-service/dist/operate.js')],
    },
    sampleApps: { folder: home.root },
  };
}

/** Not by `docker compose logs`, which puts control characters before each line. */
async function logsOf(compose: DockerCompose): Promise<unknown> {
  const followed = SERVICE_NAMES.map(async (name) => {
    const command = ['docker', 'logs', '--follow', await compose.containerOf(name)];
    return [name, { command }] as const;
  });
  return Object.fromEntries(await Promise.all(followed));
}

function inAuthService(...words: readonly string[]): readonly string[] {
  return ['exec', '-T', 'auth-service', 'node', ...words];
}

/** Each service's own URL, by address. The certificate is for the name: who signed it is what can be verified. */
async function databaseUrls(
  compose: DockerCompose,
  home: Home,
  addressOf: (name: ServiceName) => string,
): Promise<Readonly<Record<ServiceName, string>>> {
  const urlOf = async (name: ServiceName): Promise<readonly [ServiceName, string]> => {
    const file = join(home.root, `database-url-${name}`);
    await compose.copy(name, '/run/secrets/database_url', file);
    const url = new URL((await readFile(file, 'utf8')).trim());
    await rm(file);
    url.hostname = addressOf(name);
    url.search = '';
    url.searchParams.set('uselibpqcompat', 'true');
    url.searchParams.set('sslmode', 'verify-ca');
    url.searchParams.set('sslrootcert', join(home.certificates, 'stores', 'ca.pem'));
    return [name, url.href];
  };
  const urls = await Promise.all(SERVICE_NAMES.map(urlOf));
  return Object.fromEntries(urls) as Record<ServiceName, string>;
}
