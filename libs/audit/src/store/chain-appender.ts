import type { Kysely, Transaction } from 'kysely';
import { hashOf, type ChainHead } from '../chain/chain-hash';
import { rowOfChainStart, type UnchainedEvent } from './event-row';
import type { AuditTables, SecurityEventsTable } from './security-events.tables';

/**
 * Appends events to the chain of a service, which its replicas share: each append is one transaction that holds the lock
 * of the chain's head, so sequence numbers have no gaps and every row has one predecessor.
 */
export class ChainAppender {
  /** The last row of an append of which it is not known whether it took effect. */
  #uncertain: ChainHead | undefined;

  constructor(
    private readonly db: Kysely<AuditTables>,
    private readonly clock: () => Date,
  ) {}

  /**
   * Appends all of these events or none. After a failure it is to be called with the same events again: a connection can
   * be lost after the database has committed, and then they are there already.
   *
   * @throws DatabaseUnavailable when the database cannot answer.
   */
  async append(events: readonly UnchainedEvent[]): Promise<void> {
    await this.db.transaction().execute(async (transaction) => {
      const chain = await transaction
        .selectFrom('security_event_chain')
        .selectAll()
        .forUpdate()
        .executeTakeFirstOrThrow();
      if (await this.#isCommitted(transaction)) return;
      const isNew = chain.seq === 0;
      const start = isNew ? [rowOfChainStart(chain.follows, this.clock())] : [];
      const rows = linked(chain, [...start, ...events]);
      const last = rows.at(-1);
      if (last === undefined) return;
      const { seq, hash } = last;
      this.#uncertain = { seq, hash };
      await transaction.insertInto('security_events').values(rows).execute();
      await transaction.updateTable('security_event_chain').set({ seq, hash }).execute();
    });
    this.#uncertain = undefined;
  }

  /** A hash covers all rows before it: where it stands, all of the append does. */
  async #isCommitted(transaction: Transaction<AuditTables>): Promise<boolean> {
    if (this.#uncertain === undefined) return false;
    const { seq, hash } = this.#uncertain;
    const row = await transaction
      .selectFrom('security_events')
      .select('hash')
      .where('seq', '=', seq)
      .executeTakeFirst();
    return row?.hash.equals(hash) === true;
  }
}

/** Gives each event its place behind the head, and its hash. */
function linked(head: ChainHead, events: readonly UnchainedEvent[]): SecurityEventsTable[] {
  let { seq, hash } = head;
  return events.map((event) => {
    const previous_hash = hash;
    seq += 1;
    hash = hashOf(previous_hash, { ...event, seq });
    return { ...event, seq, previous_hash, hash };
  });
}
