import type { Transaction, UpdateObject } from 'kysely';
import type { AuthTables } from '../auth.tables';
import type { SealedSigningKey } from './sealed-signing-key';
import type { SigningKeyRecord } from './signing-key-record';
import { findSealedKey, listKeys, RECORD_COLUMNS, toRecord } from './signing-key-rows';

/** What became of a signing key, as a reason id. */
export interface SigningKeyTransition {
  readonly kid: string;
  readonly reason:
    | 'signing_key_prepared'
    | 'signing_key_activated'
    | 'signing_key_retired'
    | 'signing_key_tainted';
}

/** A key that signs no more has no private half: what is not there cannot leak. */
const WIPED = { sealed_private_key: null, sealing_key_id: null, sealing_algorithm: null } as const;

/**
 * Moves signing keys on, in a transaction beside which no other moves any. Remembers what it did; that is true once the
 * transaction is committed.
 */
export class SigningKeyTransitions {
  readonly done: SigningKeyTransition[] = [];

  constructor(private readonly transaction: Transaction<AuthTables>) {}

  list(): Promise<readonly SigningKeyRecord[]> {
    return listKeys(this.transaction);
  }

  async findInState(state: 'prepared' | 'active'): Promise<SigningKeyRecord | undefined> {
    return (await this.list()).find((key) => key.state === state);
  }

  findSealed(state: 'prepared' | 'active'): Promise<SealedSigningKey | undefined> {
    return findSealedKey(this.transaction, state);
  }

  /** The key, once nobody is issuing a token under it; until the end of the transaction nobody will begin to. */
  async lock(kid: string): Promise<SigningKeyRecord | undefined> {
    const row = await this.transaction
      .selectFrom('signing_keys')
      .select(RECORD_COLUMNS)
      .where('kid', '=', kid)
      .forUpdate()
      .executeTakeFirst();
    return row && toRecord(row);
  }

  async insertPrepared(key: SealedSigningKey, now: Date): Promise<SigningKeyRecord> {
    return this.insert(key, { state: 'prepared', created_at: now, activated_at: null });
  }

  async insertActive(key: SealedSigningKey, now: Date): Promise<SigningKeyRecord> {
    return this.insert(key, { state: 'active', created_at: now, activated_at: now });
  }

  async activate(kid: string, now: Date): Promise<SigningKeyRecord> {
    return this.update(kid, 'signing_key_activated', { state: 'active', activated_at: now });
  }

  async retire(
    kid: string,
    { now, verifiesUntil }: { readonly now: Date; readonly verifiesUntil: Date },
  ): Promise<SigningKeyRecord> {
    const retired = { state: 'retired', retired_at: now, verifies_until: verifiesUntil } as const;
    return this.update(kid, 'signing_key_retired', { ...retired, ...WIPED });
  }

  async taint(kid: string, now: Date): Promise<SigningKeyRecord> {
    const tainted = { state: 'tainted', tainted_at: now, verifies_until: null } as const;
    return this.update(kid, 'signing_key_tainted', { ...tainted, ...WIPED });
  }

  private async insert(
    { kid, publicJwk, sealedPrivateKey }: SealedSigningKey,
    values: {
      readonly state: 'prepared' | 'active';
      readonly created_at: Date;
      readonly activated_at: Date | null;
    },
  ): Promise<SigningKeyRecord> {
    const row = await this.transaction
      .insertInto('signing_keys')
      .values({
        ...values,
        kid,
        public_jwk: publicJwk,
        sealed_private_key: sealedPrivateKey.ciphertext,
        sealing_key_id: sealedPrivateKey.keyId,
        sealing_algorithm: sealedPrivateKey.algorithm,
        retired_at: null,
        verifies_until: null,
      })
      .returning(RECORD_COLUMNS)
      .executeTakeFirstOrThrow();
    const reason = values.state === 'active' ? 'signing_key_activated' : 'signing_key_prepared';
    this.done.push({ kid, reason });
    return toRecord(row);
  }

  private async update(
    kid: string,
    reason: SigningKeyTransition['reason'],
    values: UpdateObject<AuthTables, 'signing_keys'>,
  ): Promise<SigningKeyRecord> {
    const row = await this.transaction
      .updateTable('signing_keys')
      .set(values)
      .where('kid', '=', kid)
      .returning(RECORD_COLUMNS)
      .executeTakeFirstOrThrow();
    this.done.push({ kid, reason });
    return toRecord(row);
  }
}
