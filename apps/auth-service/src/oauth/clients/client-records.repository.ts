import { Inject, Injectable } from '@nestjs/common';
import { hashSecret } from '@sallyport/api-keys';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { DATABASE } from '../../app.tokens';
import type { AuthTables } from '../../auth.tables';
import type { AuthConnection } from '../../revocations/record-revocation';
import type { OauthClientSecretsTable, OauthClientsTable } from '../oauth.tables';
import type { ClientMetadata } from './client-metadata';
import type { OauthClient } from './clients.repository';

/** A secret of a client, without it. */
export interface SecretRecord {
  readonly createdAt: Date;
  /** The end of the overlap, for the secret before; undefined for the lasting one. */
  readonly validUntil: Date | undefined;
}

/** A client as operators see it, disabled or not. */
export interface ClientRecord extends OauthClient {
  readonly createdAt: Date;
  readonly disabledAt: Date | undefined;
  /** Those that may be presented now, the lasting one first. */
  readonly secrets: readonly SecretRecord[];
}

type SecretRow = Pick<
  Selectable<OauthClientSecretsTable>,
  'client_id' | 'created_at' | 'valid_until'
>;

/** What operators write of clients. */
@Injectable()
export class ClientRecordsRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** The newest first. */
  async list(now: Date): Promise<readonly ClientRecord[]> {
    const rows = await this.database.db
      .selectFrom('oauth_clients')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
    const secrets = await this.secrets(now);
    return rows.map((row) => toRecord(row, secrets));
  }

  async find(id: string, now: Date): Promise<ClientRecord | undefined> {
    const row = await this.database.db
      .selectFrom('oauth_clients')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toRecord(row, await this.secrets(now, id));
  }

  /** False when the id is taken, by a disabled client perhaps. */
  async create(
    { id, name, metadata }: OauthClient,
    secret: string | undefined,
    now: Date,
  ): Promise<boolean> {
    return this.database.db.transaction().execute(async (transaction) => {
      const { numInsertedOrUpdatedRows = 0n } = await transaction
        .insertInto('oauth_clients')
        .values({ id, name, metadata: { ...metadata }, created_at: now })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 0n) return false;
      if (secret !== undefined) await insertSecret(transaction, id, secret, now);
      return true;
    });
  }

  /**
   * Gives a client another secret. The lasting one works until `previousUntil`, the one before that no more: a client
   * has two at most.
   */
  async replaceSecret(id: string, secret: string, now: Date, previousUntil: Date): Promise<void> {
    await this.database.db.transaction().execute(async (transaction) => {
      // Two rotations at the same time take turns.
      await sql`SELECT FROM oauth_clients WHERE id = ${id} FOR NO KEY UPDATE`.execute(transaction);
      await transaction
        .deleteFrom('oauth_client_secrets')
        .where('client_id', '=', id)
        .where('valid_until', 'is not', null)
        .execute();
      await transaction
        .updateTable('oauth_client_secrets')
        .set({ valid_until: previousUntil })
        .where('client_id', '=', id)
        .execute();
      await insertSecret(transaction, id, secret, now);
    });
  }

  async replaceMetadata({ id, metadata }: Pick<OauthClient, 'id' | 'metadata'>): Promise<void> {
    await this.database.db
      .updateTable('oauth_clients')
      .set({ metadata: { ...metadata } })
      .where('id', '=', id)
      .execute();
  }

  /**
   * Hides a client from the authorization server, and waits for the tokens that are being issued to it. False when it is
   * disabled already.
   */
  async disable(connection: AuthConnection, id: string, now: Date): Promise<boolean> {
    const { numUpdatedRows } = await connection
      .updateTable('oauth_clients')
      .set({ disabled_at: now })
      .where('id', '=', id)
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Starts an epoch: the next whole second, as for accounts, but later than the one before. */
  async startEpoch(connection: AuthConnection, id: string, now: Date): Promise<Date> {
    const row = await connection
      .updateTable('oauth_clients')
      .set({
        tokens_valid_from: sql<Date>`interval '1 second' +
          greatest(date_trunc('second', ${now}::timestamptz), tokens_valid_from)`,
      })
      .where('id', '=', id)
      .returning('tokens_valid_from')
      .executeTakeFirstOrThrow();
    return row.tokens_valid_from;
  }

  /** False when it is not disabled. */
  async enable(id: string): Promise<boolean> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('oauth_clients')
      .set({ disabled_at: null })
      .where('id', '=', id)
      .where('disabled_at', 'is not', null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  private async secrets(now: Date, id?: string): Promise<readonly SecretRow[]> {
    return this.database.db
      .selectFrom('oauth_client_secrets')
      .select(['client_id', 'created_at', 'valid_until'])
      .where((each) => each.or([each('valid_until', 'is', null), each('valid_until', '>', now)]))
      .$if(id !== undefined, (query) => query.where('client_id', '=', id ?? ''))
      .orderBy('created_at', 'desc')
      .execute();
  }
}

async function insertSecret(
  connection: AuthConnection,
  clientId: string,
  secret: string,
  now: Date,
): Promise<void> {
  await connection
    .insertInto('oauth_client_secrets')
    .values({ client_id: clientId, secret_hash: hashSecret(secret), created_at: now })
    .execute();
}

function toRecord(row: Selectable<OauthClientsTable>, secrets: readonly SecretRow[]): ClientRecord {
  return {
    id: row.id,
    name: row.name,
    // Only validated metadata is ever stored.
    metadata: row.metadata as ClientMetadata,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
    secrets: secrets
      .filter(({ client_id }) => client_id === row.id)
      .map(({ created_at, valid_until }) => ({
        createdAt: created_at,
        validUntil: valid_until ?? undefined,
      })),
  };
}
