import { auditTablesOf, recordRestoration } from '@sallyport/audit';
import { createDatabase } from '@sallyport/persistence';
import { auditedDatabases } from './audit/audited-databases';
import { runCommand } from './cli/run-command';
import { SERVICE_NAMES } from './cluster/listeners';

const USAGE = `usage: npm run audit:restored -- ${SERVICE_NAMES.join('|')} --backup-taken-at TIME`;

/** RFC 3339 with an offset. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** `npm run audit:restored`: writes into the chain of a service that its database was restored, and to when. */
async function auditRestored(): Promise<number> {
  const [name, option, written = '', ...more] = process.argv.slice(2);
  const service = SERVICE_NAMES.find((each) => each === name);
  const url = service && (await auditedDatabases(process.env)).get(service);
  const backupTakenAt = new Date(written);
  const isWritten =
    option === '--backup-taken-at' &&
    MOMENT.test(written) &&
    !Number.isNaN(backupTakenAt.getTime()) &&
    more.length === 0;
  if (url === undefined || !isWritten) {
    console.error(USAGE);
    return 2;
  }
  const database = createDatabase({ url, applicationName: 'audit:restored', poolSize: 1 });
  try {
    await recordRestoration(auditTablesOf(database), { backupTakenAt, clock: () => new Date() });
  } finally {
    await database.close();
  }
  console.log(
    `${name ?? ''}: the chain says that it was restored to ${backupTakenAt.toISOString()}`,
  );
  return 0;
}

void runCommand(auditRestored);
