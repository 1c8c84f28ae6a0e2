import { auditTablesOf, formatHead, verifyChain } from '@sallyport/audit';
import type { ChainHead, ChainReport } from '@sallyport/audit';
import { createDatabase } from '@sallyport/persistence';
import { lineOf } from '../cluster/launch-error';
import type { ServiceName } from '../cluster/listeners';

/** What came of the verification of one service's chain, in one line. */
export interface ServiceOutcome {
  readonly isSound: boolean;
  readonly line: string;
}

const NAME_WIDTH = 16;

/** Every row is counted in one statement, which takes a long chain longer than a service may take. */
const STATEMENT_TIMEOUT_MS = 600_000;

/** Verifies the chain of a service in its database. Never rejects: a database that is away is an outcome too. */
export async function verifyService(
  service: ServiceName,
  url: string,
  expectedHead?: ChainHead,
): Promise<ServiceOutcome> {
  const database = createDatabase({
    url,
    applicationName: 'audit:verify',
    poolSize: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  try {
    const report = await verifyChain(auditTablesOf(database), { service, expectedHead });
    return { isSound: report.fault === undefined, line: lineFor(service, describe(report)) };
  } catch (cause) {
    return { isSound: false, line: lineFor(service, `NOT VERIFIED  ${lineOf(cause)}`) };
  } finally {
    await database.close();
  }
}

export function lineFor(service: ServiceName, text: string): string {
  return `${service.padEnd(NAME_WIDTH)} ${text}`;
}

function describe({ rows, head, fault }: ChainReport): string {
  const end = head === undefined ? 'no head' : `head ${formatHead(head)}`;
  if (fault === undefined) return `ok      ${rows} rows, ${end}`;
  return `BROKEN  at row ${fault.seq ?? 'without seq'}: ${fault.kind}; ${rows} rows before it are sound, ${end}`;
}
