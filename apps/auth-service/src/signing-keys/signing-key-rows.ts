import type { Kysely, Selectable } from 'kysely';
import type { AuthTables } from '../auth.tables';
import type { SealedSigningKey } from './sealed-signing-key';
import type { SigningKeyRecord } from './signing-key-record';
import type { SigningKeysTable } from './signing-keys.tables';

/** The columns of a record; the sealed private key is not among them. */
export const RECORD_COLUMNS = [
  'kid',
  'state',
  'created_at',
  'activated_at',
  'retired_at',
  'verifies_until',
  'tainted_at',
] as const;

/** Every key there is, the newest first. */
export async function listKeys(db: Kysely<AuthTables>): Promise<readonly SigningKeyRecord[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .select(RECORD_COLUMNS)
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .execute();
  return rows.map(toRecord);
}

/** The key in this state with its private half. */
export async function findSealedKey(
  db: Kysely<AuthTables>,
  state: 'prepared' | 'active',
): Promise<SealedSigningKey | undefined> {
  const row = await db
    .selectFrom('signing_keys')
    .selectAll()
    .where('state', '=', state)
    .executeTakeFirst();
  return row && toSealed(row);
}

export function toRecord(
  row: Pick<Selectable<SigningKeysTable>, (typeof RECORD_COLUMNS)[number]>,
): SigningKeyRecord {
  return {
    kid: row.kid,
    state: row.state,
    createdAt: row.created_at,
    activatedAt: row.activated_at ?? undefined,
    retiredAt: row.retired_at ?? undefined,
    verifiesUntil: row.verifies_until ?? undefined,
    taintedAt: row.tainted_at ?? undefined,
  };
}

export function toSealed(row: Selectable<SigningKeysTable>): SealedSigningKey {
  const { sealed_private_key: ciphertext, sealing_key_id: keyId } = row;
  const { sealing_algorithm: algorithm } = row;
  if (ciphertext === null || keyId === null || algorithm === null) {
    throw new TypeError(`the signing key ${row.kid} has no private half`);
  }
  return {
    kid: row.kid,
    publicJwk: row.public_jwk,
    sealedPrivateKey: { keyId, algorithm, ciphertext },
  };
}
