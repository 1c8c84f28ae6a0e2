import { randomBytes } from 'node:crypto';
import { redisUsersFile } from './redis-users';
import type { RedisUser } from './redis-users';
import { scramVerifier } from './scram-verifier';
import { randomPassword } from './secret-folders';
import type { SecretFolders } from './secret-folders';

/** The role and the database of a service have one name. */
export const DATABASES = {
  gateway: 'sallyport_gateway',
  'auth-service': 'sallyport_auth',
  'orders-service': 'sallyport_orders',
  'billing-service': 'sallyport_billing',
} as const;

/** Where the stores are, and with which authorities' certificates. */
export interface StoreAddresses {
  /** `host:port` */
  readonly postgres: string;
  /** `host:port` */
  readonly redis: string;
  /** PEM file, as the services see it. */
  readonly postgresCaFile: string;
}

/**
 * Makes what is missing, and leaves the rest: services and stores keep what they know. A password is in clear with the one who
 * signs in with it; the store has what it recognises it by. That is written anew each time, so that changed rules take effect.
 */
export function makeClusterSecrets(folders: SecretFolders, stores: StoreAddresses): void {
  folders.once('auth-service', 'key_encryption_key', randomKey);
  folders.once('auth-service', 'password_pepper', randomKey);
  folders.once('postgres', 'superuser_password', randomPassword);
  folders.once('grafana', 'admin_password', randomPassword);
  for (const [service, database] of Object.entries(DATABASES)) {
    const query = `sslmode=verify-full&sslrootcert=${stores.postgresCaFile}`;
    const url = folders.once(service, 'database_url', () =>
      urlWithPassword(`postgres://${database}@${stores.postgres}/${database}?${query}`),
    );
    folders.write('postgres', database, scramVerifier(new URL(url).password));
  }
  const reload = folders.once('postgres-certificates', 'password', randomPassword);
  folders.write('postgres', 'certificates', scramVerifier(reload));
  folders.write(
    'redis',
    'users.acl',
    redisUsersFile((user) => redisPassword(folders, stores, user)),
  );
}

/** Redis users who are services have a URL; the others a password, in the folder of the container that signs in. */
function redisPassword(folders: SecretFolders, { redis }: StoreAddresses, user: RedisUser): string {
  switch (user) {
    case 'gateway':
    case 'auth-service': {
      const make = () => urlWithPassword(`rediss://${user}@${redis}/0`);
      return new URL(folders.once(user, 'redis_url', make)).password;
    }
    case 'certificates':
      return folders.once('redis-certificates', 'password', randomPassword);
    case 'health':
      return folders.once('redis', 'health_password', randomPassword);
  }
}

function urlWithPassword(text: string): string {
  const url = new URL(text);
  url.password = randomPassword();
  return url.href;
}

/** As the key-encryption key and the pepper are written. */
function randomKey(): string {
  return `${randomBytes(32).toString('base64')}\n`;
}
