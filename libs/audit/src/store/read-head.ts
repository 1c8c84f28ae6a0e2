import type { Kysely } from 'kysely';
import type { ChainHead } from '../chain/chain-hash';
import type { AuditTables } from './security-events.tables';

/**
 * The head of a service's chain, and which chain that is; undefined when somebody has removed it, or let NULL into it.
 */
export function readHead(
  db: Kysely<AuditTables>,
): Promise<(ChainHead & { readonly chainId: string }) | undefined> {
  return db
    .selectFrom('security_event_chain')
    .select(['chain_id as chainId', 'seq', 'hash'])
    .where('chain_id', 'is not', null)
    .where('seq', 'is not', null)
    .where('hash', 'is not', null)
    .executeTakeFirst();
}
