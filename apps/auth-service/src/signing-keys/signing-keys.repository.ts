import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Transaction } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { SealedSecret } from './key-encryption';
import type { SealedSigningKey } from './sealed-signing-key';
import type { PublicJwk } from './signing-key';
import type { SigningKeyRecord } from './signing-key-record';
import { findSealedKey, listKeys, toSealed } from './signing-key-rows';
import { SigningKeyTransitions } from './signing-key-transitions';
import type { SigningKeyTransition } from './signing-key-transitions';

/** Names the lock under which keys move on; any number that nothing else in this database locks. */
const TRANSITIONS_LOCK = 7_638;

/** Decides about keys, and moves them on, in a transaction. */
export type Exclusive<Result> = (
  keys: SigningKeyTransitions,
  transaction: Transaction<AuthTables>,
) => Promise<Result>;

/** What was decided under the lock, and what became of keys by it. */
export interface Committed<Result> {
  readonly result: Result;
  readonly transitions: readonly SigningKeyTransition[];
}

/** Stores signing keys, the private ones sealed. */
@Injectable()
export class SigningKeysRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** The key that signs. */
  active(): Promise<SealedSigningKey | undefined> {
    return findSealedKey(this.database.db, 'active');
  }

  /** Every key there is, the newest first. */
  list(): Promise<readonly SigningKeyRecord[]> {
    return listKeys(this.database.db);
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

  /**
   * Decides about keys and moves them on, all or nothing. Replicas take turns: what is read within is what is changed,
   * and there is never a second active key, nor a moment without one.
   */
  exclusively<Result>(work: Exclusive<Result>): Promise<Committed<Result>> {
    return this.database.db.transaction().execute(async (transaction) => {
      await sql`SELECT pg_advisory_xact_lock(${sql.lit(TRANSITIONS_LOCK)})`.execute(transaction);
      const keys = new SigningKeyTransitions(transaction);
      const result = await work(keys, transaction);
      return { result, transitions: keys.done };
    });
  }

  /** Removes the retired keys whose last token has expired; a key that was tainted is remembered. */
  async removeExpired(now: Date): Promise<void> {
    await this.database.db
      .deleteFrom('signing_keys')
      .where('state', '=', 'retired')
      .where('verifies_until', '<=', now)
      .execute();
  }

  /** The active key first, then the prepared one. */
  async listSealedUnderOtherThan(keyId: string): Promise<readonly SealedSigningKey[]> {
    const rows = await this.database.db
      .selectFrom('signing_keys')
      .selectAll()
      .where('sealing_key_id', '!=', keyId)
      .orderBy('state')
      .execute();
    return rows.map(toSealed);
  }

  /** Tells whether the key was still sealed as it was read: what changed meanwhile stays as it is. */
  async replaceSeal(
    { kid, sealedPrivateKey: before }: SealedSigningKey,
    after: SealedSecret,
  ): Promise<boolean> {
    const result = await this.database.db
      .updateTable('signing_keys')
      .set({
        sealed_private_key: after.ciphertext,
        sealing_key_id: after.keyId,
        sealing_algorithm: after.algorithm,
      })
      .where('kid', '=', kid)
      .where('sealing_key_id', '=', before.keyId)
      .where('sealed_private_key', '=', before.ciphertext)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }
}
