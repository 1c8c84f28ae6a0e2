import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { verifyChain, auditTablesOf, type AuditTables } from '@sallyport/audit';
import { createDatabase } from '@sallyport/persistence';
import type { KnownFacts, ServiceName } from './cluster-facts';
import { SERVICES } from './cluster-facts';
import { SecretFinder } from './find-secrets';
import { secretsIn } from './secrets-in-use';

/**
 * Looks through all that a run has left behind: no secret it used may stand in a log or in a stored event, and the chain of
 * every service must be sound. Of a cluster that does not tell its logs or its databases, the others are looked through. To
 * be called when the services have stopped, where they do, and the database has not.
 *
 * @throws Error that says where, not what
 */
export async function expectCleanTrail(facts: KnownFacts, secretsFile: string): Promise<void> {
  const { logFiles, databaseUrls } = facts;
  const finder = new SecretFinder([...standingSecrets(facts), ...secretsIn(secretsFile)]);
  const faults = logFiles === undefined ? [] : [...findInLogs(finder, logFiles)];
  if (databaseUrls !== undefined) {
    for (const service of SERVICES)
      faults.push(...(await faultsOfChain(finder, databaseUrls, service)));
  }
  if (faults.length > 0) throw new Error(`the run left a bad trail:\n${faults.join('\n')}`);
}

/** What the cluster itself is run with. */
function standingSecrets(facts: KnownFacts): readonly string[] {
  const { seededAccounts = [], databaseUrls, keyEncryptionKeyFile, certsFolder } = facts;
  const privateKeys = (certsFolder === undefined ? [] : SERVICES).flatMap((service) =>
    readFileSync(join(certsFolder ?? '', 'workloads', service, 'tls.key'), 'utf8')
      .split('\n')
      .filter((line) => line.length >= 32 && !line.startsWith('-----')),
  );
  return [
    ...seededAccounts.map(({ password }) => password),
    ...Object.values(databaseUrls ?? {}).map((url) => decodeURIComponent(new URL(url).password)),
    ...(keyEncryptionKeyFile === undefined
      ? []
      : [readFileSync(keyEncryptionKeyFile, 'utf8').trim()]),
    ...privateKeys,
  ];
}

function findInLogs(
  finder: SecretFinder,
  logFiles: Readonly<Record<ServiceName, string>>,
): readonly string[] {
  const unread = SERVICES.filter(
    (service) => !readFileSync(logFiles[service], 'utf8').includes('"event":"started"'),
  );
  return [
    ...unread.map((service) => `${service}: its log does not say that it has started`),
    ...logsBeside(logFiles).flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          finder.find(line) === undefined ? [] : [`${basename(file)}, line ${index + 1}: a secret`],
        ),
    ),
  ];
}

/** All logs in the folders of these: a command or another gateway leaves one as well. */
function logsBeside(logFiles: Readonly<Record<ServiceName, string>>): readonly string[] {
  const folders = new Set(Object.values(logFiles).map(dirname));
  return [...folders].flatMap((folder) => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
    return names.map((name) => join(folder, name));
  });
}

async function faultsOfChain(
  finder: SecretFinder,
  databaseUrls: Readonly<Record<ServiceName, string>>,
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
