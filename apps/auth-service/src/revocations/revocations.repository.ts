import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { FEED_RETENTION_MS } from '@sallyport/revocation';
import type { RecordedRevocation, RevocationOutbox } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import type { Selectable } from 'kysely';
import { CLOCK, DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { toRecord } from './record-revocation';
import type { RevocationsTable } from './revocations.tables';

/** Stores what was revoked; the outbox of the feed. */
@Injectable()
export class RevocationsRepository implements RevocationOutbox {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async due(limit: number): Promise<readonly RecordedRevocation[]> {
    const now = this.clock();
    const halfOfRetention = new Date(now.getTime() - FEED_RETENTION_MS / 2);
    // Two statements, each with an index of its own: this is asked several times a second.
    const unpublished = await this.database.db
      .selectFrom('revocations')
      .selectAll()
      .where('published_at', 'is', null)
      .orderBy('id')
      .limit(limit)
      .execute();
    const again = await this.database.db
      .selectFrom('revocations')
      .selectAll()
      .where('is_lasting', '=', true)
      .where('published_at', '<', halfOfRetention)
      .where('expires_at', '>', now)
      .orderBy('published_at')
      .limit(limit - unpublished.length)
      .execute();
    return [...unpublished, ...again].map(toRecord);
  }

  async newestUnpublished(): Promise<string | undefined> {
    const row = await this.database.db
      .selectFrom('revocations')
      .select('id')
      .where('published_at', 'is', null)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && String(row.id);
  }

  async markPublished(recordIds: readonly string[]): Promise<void> {
    await this.database.db
      .updateTable('revocations')
      .set({ published_at: this.clock() })
      .where('id', 'in', recordIds.map(Number))
      .execute();
  }

  async inForce(after: string | undefined, limit: number): Promise<readonly RecordedRevocation[]> {
    const rows = await this.database.db
      .selectFrom('revocations')
      .selectAll()
      .where('expires_at', '>', this.clock())
      .where('id', '>', Number(after ?? 0))
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toRecord);
  }

  /** Everything recorded that withdraws one of these ids, the newest first. */
  async findByRevokedIds(ids: readonly string[]): Promise<readonly Selectable<RevocationsTable>[]> {
    return this.database.db
      .selectFrom('revocations')
      .selectAll()
      .where('revoked_id', 'in', [...ids])
      .orderBy('id', 'desc')
      .execute();
  }

  /** Removes up to `limit` records that have no effect any more; says how many. */
  async removeExpired(now: Date, limit: number): Promise<number> {
    const result = await this.database.db
      .deleteFrom('revocations')
      .where('id', 'in', (query) =>
        query
          .selectFrom('revocations')
          .select('id')
          .where('expires_at', '<=', now)
          .where('published_at', 'is not', null)
          .limit(limit)
          .forUpdate()
          .skipLocked(),
      )
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}
