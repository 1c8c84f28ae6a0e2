import { sql, type Kysely, type Transaction } from 'kysely';
import { hashOfName, type ChainHead } from '../chain/chain-hash';
import { diagnose, type ChainFault, type FoundRow } from './diagnose';
import { readHead } from './read-head';
import type { AuditTables } from './security-events.tables';

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
 * altered, taken away, moved or put in. Each place from 1 to the head has one row, and there is no other row: all are
 * read and counted, also those that the table took once its primary key was dropped.
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
    const { seq, hash } = row;
    if (seq === null) {
      // Rows without a place are read last: before them, all there should be was there, or a place is empty.
      if (last.seq < chain.seq) return report(last.seq, { kind: 'missing', seq: last.seq + 1 });
      return report(last.seq, { kind: 'inserted', seq });
    }
    const fault = diagnose({ ...row, seq }, { last, beforeLast, end: chain.seq });
    if (fault !== undefined) {
      // Of two rows in one place, which is read first is chance.
      const isOneOfTwo = fault.seq === seq && (await countRows(db, seq)) > 1;
      return report(last.seq, isOneOfTwo ? { kind: 'inserted', seq } : fault);
    }
    beforeLast = last;
    last = { seq, hash };
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
  const isAll = (await countRows(db)) === last.seq;
  return report(last.seq, isAll ? undefined : { kind: 'inserted', seq: null });
}

/**
 * Every row in order of its place, also two with the same one, and those without any at the end: a cursor leaves none out,
 * which a page that begins behind the last place does.
 */
async function* rowsOf(db: Transaction<AuditTables>, pageSize: number): AsyncGenerator<FoundRow> {
  await sql`DECLARE chain_rows NO SCROLL CURSOR FOR
            SELECT * FROM security_events ORDER BY seq NULLS LAST`.execute(db);
  let page: readonly FoundRow[];
  do {
    page = (await sql<FoundRow>`FETCH ${sql.lit(pageSize)} FROM chain_rows`.execute(db)).rows;
    yield* page;
  } while (page.length === pageSize);
}

/** Counted in the table itself: a row that the index of places does not have is read by other queries all the same. */
async function countRows(db: Transaction<AuditTables>, seq?: number): Promise<number> {
  await sql`SET LOCAL enable_seqscan = on`.execute(db);
  for (const scan of ['indexscan', 'indexonlyscan', 'bitmapscan']) {
    await sql`SET LOCAL ${sql.raw(`enable_${scan}`)} = off`.execute(db);
  }
  let query = db
    .selectFrom('security_events')
    .select(({ fn }) => fn.countAll<number>().as('count'));
  if (seq !== undefined) query = query.where('seq', '=', seq);
  return (await query.executeTakeFirstOrThrow()).count;
}
