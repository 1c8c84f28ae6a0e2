import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@sallyport/persistence';
import type { RecordedRevocation } from '@sallyport/revocation';
import type { AuthTables } from '../auth.tables';
import type { RevocationFeed } from '../revocations/revocation-feed';

const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 5_000;

/** So many at once are waited for before the next: who publishes must not fall behind. */
const MANY = 1_000;

/**
 * Publishes nothing itself: what a command records is published by the auth-service that runs, with its next heartbeat.
 * A command that vouched for the feed would vouch for it only until it ends.
 */
export class LeftToTheService implements RevocationFeed {
  readonly isPublishing = true;
  #last: string | undefined;

  constructor(private readonly database: Database<AuthTables>) {}

  async publish(records: readonly RecordedRevocation[]): Promise<void> {
    this.#last = records.at(-1)?.recordId ?? this.#last;
    if (records.length >= MANY) await this.#publishedAfterMs();
  }

  /** Waits until a running auth-service has published what was recorded, and says so; undefined when there is nothing. */
  async outcome(): Promise<string | undefined> {
    if (this.#last === undefined) return undefined;
    const ms = await this.#publishedAfterMs();
    return ms === undefined
      ? 'recorded, but no auth-service publishes at the moment: ' +
          'it takes effect before the gateways accept anything again'
      : `published to the gateways after ${ms} ms`;
  }

  /** Undefined when it takes too long. Records are published in their order, so the last one tells. */
  async #publishedAfterMs(): Promise<number | undefined> {
    const start = performance.now();
    while (performance.now() - start < PATIENCE_MS) {
      const waiting = await this.database.db
        .selectFrom('revocations')
        .select('id')
        .where('id', '=', Number(this.#last))
        .where('published_at', 'is', null)
        .executeTakeFirst();
      if (!waiting) return Math.round(performance.now() - start);
      await delay(LOOK_EVERY_MS);
    }
    return undefined;
  }
}
