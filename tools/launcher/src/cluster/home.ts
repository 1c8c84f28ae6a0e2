import { access, constants, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Where one cluster keeps everything it writes, certificates excepted when they are kept elsewhere. */
export interface Home {
  readonly root: string;
  readonly certificates: string;
  readonly postgres: string;
  readonly sharedState: string;
  readonly logs: string;
  readonly secretsFile: string;
  readonly keyEncryptionKeyFile: string;
  readonly seedAccountsFile: string;
  readonly seedPartnersFile: string;
  readonly seedClientsFile: string;
  /** Where mail is kept instead of being sent. */
  readonly mail: string;
  readonly lockFile: string;
  /** How an operator's command reaches the stores, for as long as the cluster runs. */
  readonly operatorFile: string;
  /** Where the security events of each service are, for as long as the cluster runs. */
  readonly auditFile: string;
  /** How everything of the cluster is reached, for as long as it runs. */
  readonly clusterFile: string;
}

/**
 * Creates the folders of a home that are missing.
 *
 * @throws Error from the file system when the folder cannot be created, read or written
 */
export async function openHome(folder: string): Promise<Home> {
  const root = resolve(folder);
  const home: Home = {
    root,
    certificates: join(root, 'certs'),
    postgres: join(root, 'postgres'),
    sharedState: join(root, 'redis'),
    logs: join(root, 'logs'),
    secretsFile: join(root, 'secrets.json'),
    keyEncryptionKeyFile: join(root, 'key-encryption-key'),
    seedAccountsFile: join(root, 'seed-accounts.json'),
    seedPartnersFile: join(root, 'seed-partners.json'),
    seedClientsFile: join(root, 'seed-clients.json'),
    mail: join(root, 'mail'),
    lockFile: join(root, 'launcher.lock'),
    operatorFile: operatorFileOf(root),
    auditFile: auditFileOf(root),
    clusterFile: join(root, 'cluster.json'),
  };
  // A folder that was there before keeps its mode: it may be anybody's.
  await mkdir(root, { recursive: true, mode: 0o711 });
  await mkdir(home.logs, { recursive: true, mode: 0o700 });
  await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
  return home;
}

/** @param root the folder of a home, whether or not there is one. */
export function operatorFileOf(root: string): string {
  return join(root, 'operator.json');
}

/** @param root the folder of a home, whether or not there is one. */
export function auditFileOf(root: string): string {
  return join(root, 'audit.json');
}
