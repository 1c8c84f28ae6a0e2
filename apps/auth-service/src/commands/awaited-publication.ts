import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@sallyport/persistence';
import type { RecordedRevocation } from '@sallyport/revocation';
import type { AuthTables } from '../auth.tables';
import type { RevocationFeed } from '../revocations/revocation-feed';

/**
 * Publishes nothing itself: what a command records is published by the auth-service that runs, with its next heartbeat.
 * A command that vouched for the feed would vouch for it only until it ends.
 */
export class LeftToTheService implements RevocationFeed {
  readonly isPublishing = true;
  readonly recordIds: string[] = [];

  publish(records: readonly RecordedRevocation[]): Promise<void> {
    for (const { recordId } of records) this.recordIds.push(recordId);
    return Promise.resolve();
  }
}

const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 5_000;

/** Waits until a running auth-service has published what was recorded, and says so; or that none does. */
export async function awaitPublication(
  { db }: Database<AuthTables>,
  recordIds: readonly string[],
): Promise<string> {
  // They are published in their order.
  const last = Number(recordIds.at(-1));
  const start = performance.now();
  while (performance.now() - start < PATIENCE_MS) {
    const waiting = await db
      .selectFrom('revocations')
      .select('id')
      .where('id', '=', last)
      .where('published_at', 'is', null)
      .executeTakeFirst();
    const ms = Math.round(performance.now() - start);
    if (!waiting) return `published to the gateways after ${ms} ms`;
    await delay(LOOK_EVERY_MS);
  }
  return (
    'recorded, but no auth-service publishes at the moment: ' +
    'it takes effect before the gateways accept anything again'
  );
}
