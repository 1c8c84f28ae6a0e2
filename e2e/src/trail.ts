import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { verifyChain, auditTablesOf, type AuditTables } from '@sallyport/audit';
import { createDatabase } from '@sallyport/persistence';
import type { ClusterFacts, ServiceName } from './cluster-facts';
import { SERVICES } from './cluster-facts';
import { SecretFinder } from './find-secrets';
import { secretsIn } from './secrets-in-use';

/**
 * Looks through all that a run has left behind: no secret it used may stand in a log or in a stored event, and the chain of
 * every service must be sound. To be called when the services have stopped and the database has not.
 *
 * @throws Error that says where, not what
 */
export async function expectCleanTrail(facts: ClusterFacts, secretsFile: string): Promise<void> {
  const finder = new SecretFinder([...standingSecrets(facts), ...secretsIn(secretsFile)]);
  const faults = [...findInLogs(finder, facts)];
  for (const service of SERVICES) faults.push(...(await faultsOfChain(finder, facts, service)));
  if (faults.length > 0) throw new Error(`the run left a bad trail:\n${faults.join('\n')}`);
}

/** What the cluster itself is run with. */
function standingSecrets({
  seededAccounts,
  databaseUrls,
  keyEncryptionKeyFile,
  certsFolder,
}: ClusterFacts): readonly string[] {
  const privateKeys = SERVICES.flatMap((service) =>
    readFileSync(join(certsFolder, 'workloads', service, 'tls.key'), 'utf8')
      .split('\n')
      .filter((line) => line.length >= 32 && !line.startsWith('-----')),
  );
  return [
    ...seededAccounts.map(({ password }) => password),
    ...Object.values(databaseUrls).map((url) => new URL(url).password),
    readFileSync(keyEncryptionKeyFile, 'utf8').trim(),
    ...privateKeys,
  ];
}

function findInLogs(finder: SecretFinder, { logFiles }: ClusterFacts): readonly string[] {
  const folder = dirname(logFiles.gateway);
  const unread = SERVICES.filter(
    (service) => !readFileSync(logFiles[service], 'utf8').includes('"event":"started"'),
  );
  return [
    ...unread.map((service) => `${service}: its log does not say that it has started`),
    ...readdirSync(folder).flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          finder.find(line) === undefined ? [] : [`${name}, line ${index + 1}: a secret`],
        ),
    ),
  ];
}

async function faultsOfChain(
  finder: SecretFinder,
  { databaseUrls }: ClusterFacts,
  service: ServiceName,
): Promise<readonly string[]> {
  const url = databaseUrls[service];
  const database = createDatabase<AuditTables>({ url, applicationName: 'e2e', poolSize: 1 });
  try {
    const db = auditTablesOf(database);
    const { fault } = await verifyChain(db, { service });
    const rows = await db.selectFrom('security_events').selectAll().orderBy('seq').execute();
    const leaks = rows.filter((row) => finder.find(JSON.stringify(row)) !== undefined);
    return [
      ...(fault ? [`${service}: ${fault.kind} at row ${fault.seq} of its chain`] : []),
      ...leaks.map((row) => {
        const columns = Object.entries(row).filter(([, value]) => finder.find(String(value)));
        const names = columns.map(([name]) => name).join(', ');
        return `${service}: a secret in security event ${row.seq} (${row.reason}: ${names})`;
      }),
    ];
  } finally {
    await database.close();
  }
}
