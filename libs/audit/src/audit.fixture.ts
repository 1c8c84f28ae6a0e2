import { createLogger, createRegistry, type SecurityEvent } from '@sallyport/observability';
import { createDatabase, migrateToLatest, type Database } from '@sallyport/persistence';
import { postgresForTests } from '@sallyport/testing';
import type { Kysely } from 'kysely';
import { auditTablesOf } from './recording/open-audit';
import { rowOf, type UnchainedEvent } from './store/event-row';
import { securityEventsMigration } from './store/security-events.migration';
import type { AuditTables } from './store/security-events.tables';

export const SERVICE = 'orders-service';

export interface ChainForTests {
  readonly database: Database<AuditTables>;
  readonly db: Kysely<AuditTables>;
  readonly url: string;
}

/** An empty chain in a real database of its own. */
export async function openChain(url?: string): Promise<ChainForTests> {
  const own = url ?? (await postgresForTests());
  const database = createDatabase<AuditTables>({ url: own, applicationName: 'spec' });
  await migrateToLatest(database.db, { '0001-security-events': securityEventsMigration(SERVICE) });
  return { database, db: auditTablesOf(database), url: own };
}

/** A refusal that is told from others by its reason. */
export function refusal(reason: string, changes: Partial<SecurityEvent> = {}): SecurityEvent {
  return { type: 'token', outcome: 'refused', reason, correlationId: `c-${reason}`, ...changes };
}

export function unchained(reason: string, changes: Partial<SecurityEvent> = {}): UnchainedEvent {
  return rowOf(refusal(reason, changes), new Date('2026-11-26T10:00:00.123Z'));
}

/** A logger whose lines are kept, and a registry. */
export function surroundings() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  return {
    lines,
    logger: createLogger({ service: SERVICE, level: 'info', destination: { write } }),
    registry: createRegistry({ service: SERVICE }),
    clock: () => new Date(),
  };
}
