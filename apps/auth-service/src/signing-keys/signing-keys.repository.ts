import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { SealedSecret } from './key-encryption';
import type { PublicJwk } from './signing-key';

/** A signing key at rest. */
export interface StoredSigningKey {
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly sealedPrivateKey: SealedSecret;
}

/** Names the lock in which an active key is created; any number that nothing else in this database locks. */
const FIRST_KEY_LOCK = 7_638;

/** Stores signing keys, the private ones sealed. */
@Injectable()
export class SigningKeysRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  active(): Promise<StoredSigningKey | undefined> {
    return activeKey(this.database.db);
  }

  /** Makes the key the active one unless there is one already; replicas that race agree on one. */
  async activateFirst(key: StoredSigningKey, now: Date): Promise<void> {
    await this.database.db.transaction().execute(async (transaction) => {
      await sql`SELECT pg_advisory_xact_lock(${sql.lit(FIRST_KEY_LOCK)})`.execute(transaction);
      if (await activeKey(transaction)) return;
      await transaction
        .insertInto('signing_keys')
        .values({
          kid: key.kid,
          state: 'active',
          public_jwk: key.publicJwk,
          sealed_private_key: key.sealedPrivateKey.ciphertext,
          sealing_key_id: key.sealedPrivateKey.keyId,
          sealing_algorithm: key.sealedPrivateKey.algorithm,
          created_at: now,
          verifies_until: null,
        })
        .execute();
    });
  }

  /** What verifiers must know: keys that will sign, the one that signs, and those whose tokens live on. */
  async published(now: Date): Promise<readonly PublicJwk[]> {
    const rows = await this.database.db
      .selectFrom('signing_keys')
      .select('public_jwk')
      .where((where) =>
        where.or([
          where('state', 'in', ['prepared', 'active']),
          where.and([where('state', '=', 'retired'), where('verifies_until', '>', now)]),
        ]),
      )
      .orderBy('created_at')
      .orderBy('kid')
      .execute();
    return rows.map((row) => row.public_jwk);
  }
}

async function activeKey(db: Kysely<AuthTables>): Promise<StoredSigningKey | undefined> {
  const row = await db
    .selectFrom('signing_keys')
    .selectAll()
    .where('state', '=', 'active')
    .executeTakeFirst();
  return (
    row && {
      kid: row.kid,
      publicJwk: row.public_jwk,
      sealedPrivateKey: {
        keyId: row.sealing_key_id,
        algorithm: row.sealing_algorithm,
        ciphertext: row.sealed_private_key,
      },
    }
  );
}
