import type { Kysely, Transaction } from 'kysely';
import { hashOfName, type ChainHead } from '../chain/chain-hash';
import { diagnose, type ChainFault } from './diagnose';
import { readHead } from './read-head';
import type { AuditTables, SecurityEventsTable } from './security-events.tables';

/** What verification found. */
export interface ChainReport {
  /** How many rows were found sound, from the first on. */
  readonly rows: number;
  /** What the chain says of its own end; undefined when nothing is said. */
  readonly head: ChainHead | undefined;
  readonly chainId: string | undefined;
  /** The first place that is broken; undefined of a sound chain. */
  readonly fault: ChainFault | undefined;
}

export interface ChainExpectations {
  /** Whose chain it has to be. */
  readonly service: string;
  /** A head that was seen before; it must still be in the chain. */
  readonly expectedHead?: ChainHead | undefined;
  /** Rows read at once. */
  readonly pageSize?: number;
}

/**
 * Recomputes a chain from its first row to its head, in one snapshot of the database, and finds the first row that was
 * altered, taken away, moved or put in.
 *
 * Who can write all of the database can also compute a whole new chain, or restore an older copy, rows and head alike.
 * Only a head that was kept elsewhere shows that: pass it as `expectedHead`.
 *
 * @throws DatabaseUnavailable when the database cannot answer.
 */
export async function verifyChain(
  db: Kysely<AuditTables>,
  expectations: ChainExpectations,
): Promise<ChainReport> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((snapshot) => verifySnapshot(snapshot, expectations));
}

async function verifySnapshot(
  db: Transaction<AuditTables>,
  { service, expectedHead, pageSize = 1_000 }: ChainExpectations,
): Promise<ChainReport> {
  const chain = await readHead(db);
  const { chainId } = chain ?? {};
  const head = chain && { seq: chain.seq, hash: chain.hash };
  const report = (rows: number, fault?: ChainFault): ChainReport => ({
    ...{ rows, head, chainId, fault },
  });
  if (chain === undefined) return report(0, { kind: 'head_mismatch', seq: 0 });

  let beforeLast: ChainHead | undefined;
  let last: ChainHead = { seq: 0, hash: hashOfName(service, chain.chainId) };
  for await (const row of rowsOf(db, pageSize)) {
    const fault = diagnose(row, { last, beforeLast, end: chain.seq });
    if (fault !== undefined) return report(last.seq, fault);
    beforeLast = last;
    last = { seq: row.seq, hash: row.hash };
    if (expectedHead?.seq === last.seq && !expectedHead.hash.equals(last.hash)) {
      return report(last.seq - 1, { kind: 'head_mismatch', seq: last.seq });
    }
  }
  if (last.seq < chain.seq) return report(last.seq, { kind: 'missing', seq: last.seq + 1 });
  if (!last.hash.equals(chain.hash))
    return report(last.seq, { kind: 'head_mismatch', seq: last.seq });
  if (expectedHead && expectedHead.seq > last.seq) {
    return report(last.seq, { kind: 'head_mismatch', seq: expectedHead.seq });
  }
  return report(last.seq);
}

async function* rowsOf(
  db: Transaction<AuditTables>,
  pageSize: number,
): AsyncGenerator<SecurityEventsTable> {
  let page: SecurityEventsTable[];
  let after: number | undefined;
  do {
    let query = db.selectFrom('security_events').selectAll();
    if (after !== undefined) query = query.where('seq', '>', after);
    page = await query.orderBy('seq').limit(pageSize).execute();
    yield* page;
    after = page.at(-1)?.seq;
  } while (page.length === pageSize);
}
