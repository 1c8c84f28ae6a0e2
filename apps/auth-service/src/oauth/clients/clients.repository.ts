import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { hashSecret } from '@sallyport/api-keys';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import { sql } from 'kysely';
import { CLOCK, DATABASE } from '../../app.tokens';
import type { AuthTables } from '../../auth.tables';
import { isClientId } from './client-id';
import type { ClientMetadata } from './client-metadata';

/** A registered client that is not disabled. */
export interface OauthClient {
  readonly id: string;
  readonly name: string;
  readonly metadata: ClientMetadata;
}

/** Reads the authorization server's clients, those alone that are not disabled. */
@Injectable()
export class ClientsRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Undefined for a client that is unknown or disabled. */
  async find(id: string): Promise<OauthClient | undefined> {
    // PostgreSQL fails at what cannot be text, such as U+0000.
    if (!isClientId(id)) return undefined;
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

  /**
   * From when on a token that is issued to a client now may say it was issued. Undefined when the client was disabled
   * meanwhile: then the token must not leave. Waits for an order that disables it, or makes that wait.
   */
  async tokensValidFrom(id: string): Promise<Date | undefined> {
    const { rows } = await sql<{ readonly tokens_valid_from: Date }>`
      SELECT tokens_valid_from FROM oauth_clients WHERE id = ${id} AND disabled_at IS NULL
      FOR SHARE`.execute(this.database.db);
    return rows[0]?.tokens_valid_from;
  }
}
