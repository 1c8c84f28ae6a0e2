import { Inject, Injectable } from '@nestjs/common';
import type { MintedApiKey } from '@sallyport/api-keys';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { ENDED_API_KEY_SECONDS, type ApiKey } from './api-key';
import { apiKeyColumns, toApiKey, type ApiKeyRow } from './api-key-row';
import { isLiveApiKey } from './ended-api-keys';
import { hasApiKeyId } from './has-api-key-id';

const MOST_LISTED = 200;

/** Stores API keys. */
@Injectable()
export class ApiKeysRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  async create(
    connection: AuthConnection,
    key: Pick<ApiKey, 'accountId' | 'name' | 'scopes' | 'createdAt' | 'expiresAt'>,
    { id, secretHash }: MintedApiKey,
  ): Promise<ApiKey> {
    const { accountId, name, scopes, createdAt, expiresAt } = key;
    await connection
      .insertInto('api_keys')
      .values({
        id,
        account_id: accountId,
        name,
        scopes: [...scopes],
        created_at: createdAt,
        expires_at: expiresAt ?? null,
      })
      .execute();
    await this.addCurrentSecret(connection, { id, secretHash }, createdAt);
    return this.find(connection, id, createdAt);
  }

  async countLive(connection: AuthConnection, accountId: string, now: Date): Promise<number> {
    const { count } = await connection
      .selectFrom('api_keys')
      .select((each) => each.fn.countAll<string>().as('count'))
      .where('account_id', '=', accountId)
      .where(isLiveApiKey(now))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Those that live or have ended in the last 30 days, the newest first, at most 200. */
  async list(accountId: string, now: Date): Promise<readonly ApiKey[]> {
    const since = laterBy(now, -ENDED_API_KEY_SECONDS);
    const { rows } = await sql<ApiKeyRow>`
      SELECT ${apiKeyColumns(since)}
      WHERE account_id = ${accountId}
        AND coalesce(least(revoked_at, expires_at), 'infinity') > ${since}
      ORDER BY api_keys.created_at DESC, api_keys.id
      LIMIT ${MOST_LISTED}`.execute(this.database.db);
    return rows.map(toApiKey);
  }

  /** Undefined when the account has no such live key; otherwise it is kept from changing until the transaction is over. */
  async holdLive(
    transaction: AuthConnection,
    { id, accountId }: Pick<ApiKey, 'id' | 'accountId'>,
    now: Date,
  ): Promise<{ readonly expiresAt: Date | undefined } | undefined> {
    const row = await transaction
      .selectFrom('api_keys')
      .select('expires_at')
      .where(hasApiKeyId(id))
      .where('account_id', '=', accountId)
      .where(isLiveApiKey(now))
      .forUpdate()
      .executeTakeFirst();
    return row && { expiresAt: row.expires_at ?? undefined };
  }

  /**
   * Makes the current secret the previous one, until then, and another one the current. Resolves with the hashes of
   * those that work no more and would have otherwise.
   */
  async rotate(
    transaction: AuthConnection,
    { id, secretHash }: MintedApiKey,
    { now, validUntil }: { readonly now: Date; readonly validUntil: Date },
  ): Promise<readonly Buffer[]> {
    const pushedOut = await transaction
      .deleteFrom('api_key_secrets')
      .where('api_key_id', '=', id)
      .where('slot', '=', 'previous')
      .returning(['secret_hash', 'valid_until'])
      .execute();
    const superseded = await transaction
      .updateTable('api_key_secrets')
      .set({ slot: 'previous', valid_until: validUntil })
      .where('api_key_id', '=', id)
      .returning(['secret_hash', 'valid_until'])
      .execute();
    await this.addCurrentSecret(transaction, { id, secretHash }, now);
    const worked = pushedOut.filter(({ valid_until }) => valid_until !== null && valid_until > now);
    const ended = superseded.filter(
      ({ valid_until }) => valid_until !== null && valid_until <= now,
    );
    return [...worked, ...ended].map(({ secret_hash }) => secret_hash);
  }

  async find(connection: AuthConnection, id: string, now: Date): Promise<ApiKey> {
    const { rows } = await sql<ApiKeyRow>`
      SELECT ${apiKeyColumns(laterBy(now, -ENDED_API_KEY_SECONDS))}
      WHERE api_keys.id = ${id}`.execute(connection);
    const [row] = rows;
    if (!row) throw new TypeError('the key was just written');
    return toApiKey(row);
  }

  /** Sets a key's own limit, or takes it away. False when there is no such live key. */
  async setLimit(id: string, requestsPerMinute: number | undefined, now: Date): Promise<boolean> {
    const row = await this.database.db
      .updateTable('api_keys')
      .set({ requests_per_minute: requestsPerMinute ?? null })
      .where(hasApiKeyId(id))
      .where(isLiveApiKey(now))
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }

  private async addCurrentSecret(
    connection: AuthConnection,
    { id, secretHash }: Pick<MintedApiKey, 'id' | 'secretHash'>,
    now: Date,
  ): Promise<void> {
    await connection
      .insertInto('api_key_secrets')
      .values({ api_key_id: id, slot: 'current', secret_hash: secretHash, created_at: now })
      .execute();
  }
}
