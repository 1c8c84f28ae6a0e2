import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { ClientMetadata } from './client-metadata';

/** A registered client that is not disabled. */
export interface OauthClient {
  readonly id: string;
  readonly name: string;
  readonly metadata: ClientMetadata;
}

/** Stores the authorization server's clients. */
@Injectable()
export class ClientsRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Undefined for a client that is unknown or disabled. */
  async find(id: string): Promise<OauthClient | undefined> {
    const row = await this.database.db
      .selectFrom('oauth_clients')
      .select(['id', 'name', 'metadata'])
      .where('id', '=', id)
      .where('disabled_at', 'is', null)
      .executeTakeFirst();
    // Only validated metadata is ever stored.
    return row && { id: row.id, name: row.name, metadata: row.metadata as ClientMetadata };
  }

  /** Whether a secret is one of those a client may present now; each is compared in constant time. */
  async isSecretOf(id: string, presentedSecret: string): Promise<boolean> {
    const presentedHash = hashSecret(presentedSecret);
    const rows = await this.database.db
      .selectFrom('oauth_client_secrets')
      .select('secret_hash')
      .where('client_id', '=', id)
      .where((each) =>
        each.or([each('valid_until', 'is', null), each('valid_until', '>', this.clock())]),
      )
      .execute();
    return rows.filter((row) => timingSafeEqual(row.secret_hash, presentedHash)).length > 0;
  }

  /** Writes a client, in place of the one of the same id. */
  async put(
    { id, name, metadata }: OauthClient,
    createdAt: Date,
    secrets: readonly string[] = [],
  ): Promise<void> {
    await this.database.db.transaction().execute(async (transaction) => {
      const stored = { name, metadata: { ...metadata } };
      await transaction
        .insertInto('oauth_clients')
        .values({ id, ...stored, created_at: createdAt })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(stored))
        .execute();
      for (const secret of secrets) {
        await transaction
          .insertInto('oauth_client_secrets')
          .values({ client_id: id, secret_hash: hashSecret(secret), created_at: createdAt })
          .execute();
      }
    });
  }
}

/** SHA-256: a client's secret is 256 random bits, which nobody guesses. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
