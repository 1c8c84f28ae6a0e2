import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DescribedCluster } from './cluster-file';
import type { KnownFacts, Outbox, ServiceName } from './cluster-facts';

/** The window of the limit for one phone number. */
const CLAIMED_MS = 60 * 60 * 1000;

/**
 * What is known of a cluster by what its file says.
 *
 * @param logFiles where its logs are on this machine, if it tells them
 */
export function factsOfDescribed(
  described: DescribedCluster,
  logFiles: Readonly<Record<ServiceName, string>> | undefined,
): KnownFacts {
  const { gatewayUrl, partners, internal, databases, outbox, operator } = described;
  const { plainAddress, seededAccounts, gatewayEnvironment } = described;
  const { keyEncryptionKey, certificates, sampleApps } = described;
  return {
    gatewayUrl,
    caFile: described.caFile,
    reachedAt: reachedAt(described),
    clientAddress: described.clientAddress,
    claimsFolder: claimsFolderOf(gatewayUrl),
    ...(partners && { partnersUrl: partners.url }),
    ...(plainAddress !== undefined && { plainAddress }),
    ...(internal && {
      authHttpsUrl: `https://${internal['auth-service'].https}`,
      grpcAddresses: {
        'auth-service': internal['auth-service'].grpc,
        'orders-service': internal['orders-service'].grpc,
        'billing-service': internal['billing-service'].grpc,
      },
    }),
    ...(described.operations && { operationsAddresses: described.operations }),
    ...(certificates && { certsFolder: certificates.folder }),
    ...(certificates?.isLive === true && { readsCertsFolder: true }),
    ...(logFiles && { logFiles }),
    ...(databases && { databaseUrls: databases, authDatabaseUrl: databases['auth-service'] }),
    ...(keyEncryptionKey && { keyEncryptionKeyFile: keyEncryptionKey.file }),
    ...(outbox && { outbox: outboxOf(outbox, described.folder) }),
    ...(seededAccounts && { seededAccounts }),
    ...(operator && { operator: { ...operator, folder: described.folder } }),
    ...(sampleApps && { sampleAppsFolder: sampleApps.folder }),
    ...(gatewayEnvironment && { gatewayEnvironment }),
    ...(described.sharesLoopback && { sharesLoopback: true }),
  };
}

function outboxOf(outbox: NonNullable<DescribedCluster['outbox']>, folder: string): Outbox {
  return 'folder' in outbox ? outbox : { command: outbox.command, environment: {}, folder };
}

function reachedAt({ gatewayUrl, gatewayAddress, partners }: DescribedCluster) {
  return {
    ...(gatewayAddress !== undefined && { [gatewayUrl]: gatewayAddress }),
    ...(partners?.address !== undefined && { [partners.url]: partners.address }),
  };
}

/** The same for each run against a cluster, which remembers for an hour what was sent to a number. */
function claimsFolderOf(gatewayUrl: string): string {
  const name = createHash('sha256').update(gatewayUrl).digest('hex').slice(0, 12);
  return join(tmpdir(), `sallyport-e2e-claims-${name}`);
}

/** Removes what runs before this one have claimed, once it may be used again. */
export async function forgetOldClaims(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const claim = join(folder, name);
    const { mtimeMs } = await stat(claim);
    if (Date.now() - mtimeMs > CLAIMED_MS) await rm(claim, { recursive: true });
  }
}
