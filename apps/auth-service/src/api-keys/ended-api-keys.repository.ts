import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import { ENDED_API_KEY_SECONDS } from './api-key';

/** Removes what nobody is shown any more, so many rows at a time; says how many. */
@Injectable()
export class EndedApiKeysRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** Keys with their secrets. */
  removeKeys(now: Date, limit: number): Promise<number> {
    return this.remove(sql`
      DELETE FROM api_keys WHERE id IN (
        SELECT id FROM api_keys
        WHERE least(revoked_at, expires_at) <= ${laterBy(now, -ENDED_API_KEY_SECONDS)}
        LIMIT ${limit} FOR UPDATE SKIP LOCKED)`);
  }

  /** Previous secrets of keys that go on. */
  removeSecrets(now: Date, limit: number): Promise<number> {
    return this.remove(sql`
      DELETE FROM api_key_secrets WHERE slot = 'previous' AND api_key_id IN (
        SELECT api_key_id FROM api_key_secrets
        WHERE slot = 'previous' AND valid_until <= ${laterBy(now, -ENDED_API_KEY_SECONDS)}
        LIMIT ${limit} FOR UPDATE SKIP LOCKED)`);
  }

  private async remove(statement: RawBuilder<unknown>): Promise<number> {
    const { numAffectedRows } = await statement.execute(this.database.db);
    return Number(numAffectedRows ?? 0);
  }
}
