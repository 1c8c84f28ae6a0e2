import type { Kysely } from 'kysely';
import { ChainAppender } from '../store/chain-appender';
import { rowOf } from '../store/event-row';
import type { AuditTables } from '../store/security-events.tables';

/**
 * Writes into a chain that its database was restored: what was appended after that moment is gone from here, and what comes
 * from here on takes its places.
 */
export async function recordRestoration(
  db: Kysely<AuditTables>,
  { backupTakenAt, clock }: { readonly backupTakenAt: Date; readonly clock: () => Date },
): Promise<void> {
  const event = {
    type: 'audit',
    outcome: 'succeeded',
    reason: 'database_restored',
    target: backupTakenAt.toISOString(),
  } as const;
  await new ChainAppender(db, clock).append([rowOf(event, clock())]);
}
