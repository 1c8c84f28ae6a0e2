import { rotationNoticeId, secretRevocationId } from '@sallyport/api-keys';
import type { RecordedRevocation } from '@sallyport/revocation';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { laterBy, recordRevocation, toRecord } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { API_KEY_REVOCATION_SECONDS } from './api-key';

/** Why a key ended before its time; also the reason of the security event. */
export type ApiKeyEnd = 'api_key_revoked' | 'api_key_exposed' | 'account_deleted';

/** A key that has just ended. */
export interface EndedApiKey {
  readonly id: string;
  readonly accountId: string;
}

/** What one statement ended, and the records of it to be published. */
export interface EndedApiKeys {
  readonly apiKeys: readonly EndedApiKey[];
  readonly revocations: readonly RecordedRevocation[];
}

interface Row extends Record<'id' | 'account_id', string> {
  readonly record_id: number;
  readonly expires_at: Date;
}

/** Whether a row of `api_keys` is a key that works, as far as its own end is concerned. */
export function isLiveApiKey(now: Date): RawBuilder<boolean> {
  return sql<boolean>`(api_keys.revoked_at IS NULL
    AND coalesce(api_keys.expires_at, 'infinity') > ${now})`;
}

/**
 * Ends the live keys for which a condition on `api_keys` holds, and records that of each: one statement, so that neither
 * happens without the other. The rows are locked in the order of their ids; the condition is evaluated again on each
 * row once it is locked.
 */
export async function endApiKeys(
  connection: AuthConnection,
  condition: RawBuilder<unknown>,
  { reason, now }: { readonly reason: ApiKeyEnd; readonly now: Date },
): Promise<EndedApiKeys> {
  const { rows } = await sql<Row>`
    WITH condemned AS (
      SELECT id FROM api_keys WHERE ${isLiveApiKey(now)} AND ${condition}
      ORDER BY id
      FOR UPDATE
    ), ended AS (
      UPDATE api_keys SET revoked_at = ${now}
      FROM condemned WHERE api_keys.id = condemned.id
      RETURNING api_keys.id, api_keys.account_id
    ), recorded AS (
      INSERT INTO revocations (kind, revoked_id, reason, recorded_at, expires_at)
      SELECT 'api_key', id, ${reason}, ${now}, ${laterBy(now, API_KEY_REVOCATION_SECONDS)}
      FROM ended
      RETURNING id AS record_id, revoked_id, expires_at
    )
    SELECT ended.id, ended.account_id, recorded.record_id, recorded.expires_at
    FROM ended JOIN recorded ON recorded.revoked_id = ended.id
    ORDER BY recorded.record_id`.execute(connection);
  return {
    apiKeys: rows.map(({ id, account_id }) => ({ id, accountId: account_id })),
    revocations: rows.map(({ id, record_id, expires_at }) =>
      toRecord({ id: record_id, kind: 'api_key', revoked_id: id, issued_before: null, expires_at }),
    ),
  };
}

/**
 * Withdraws secrets of a key that goes on with others. When there is none to withdraw the gateways are told of the rotation
 * all the same: one that has just asked does not know yet that the secret it remembers has an end.
 */
export async function recordSupersededSecrets(
  transaction: AuthConnection,
  key: { readonly id: string; readonly secretHashes: readonly Buffer[]; readonly now: Date },
): Promise<readonly RecordedRevocation[]> {
  const { id, secretHashes, now } = key;
  const superseded = secretHashes.map((secretHash) => secretRevocationId({ id, secretHash }));
  const records: RecordedRevocation[] = [];
  for (const revokedId of superseded.length > 0 ? superseded : [rotationNoticeId(id)]) {
    const revocation = {
      kind: 'api_key',
      revokedId,
      reason: 'api_key_rotated',
      recordedAt: now,
      expiresAt: laterBy(now, API_KEY_REVOCATION_SECONDS),
    } as const;
    records.push(await recordRevocation(transaction, revocation));
  }
  return records;
}
