import type { PresentedKeyRecord, PresentedSecret } from './presented-api-keys.repository';

/** Why a presented key is refused. For the log and the security event: outside they look alike. */
export type ApiKeyRefusal =
  | 'api_key_unknown'
  | 'api_key_secret_wrong'
  | 'api_key_superseded'
  | 'api_key_revoked'
  | 'api_key_expired'
  | 'account_locked';

/** A key and the secret that was presented, both of which work. */
export interface WorkingKey extends PresentedKeyRecord {
  readonly secret: PresentedSecret;
}

export type Standing =
  { readonly refusal: ApiKeyRefusal } | { readonly refusal: undefined; readonly key: WorkingKey };

/** Whether a key works now. What its owner did to it comes before what befell the owner. */
export function standingOf(record: PresentedKeyRecord | undefined, now: Date): Standing {
  if (!record) return { refusal: 'api_key_unknown' };
  const { secret, revokedAt, expiresAt, accountLockedAt } = record;
  if (!secret) return { refusal: 'api_key_secret_wrong' };
  if (revokedAt !== undefined) return { refusal: 'api_key_revoked' };
  if (expiresAt !== undefined && expiresAt <= now) return { refusal: 'api_key_expired' };
  if (secret.validUntil !== undefined && secret.validUntil <= now) {
    return { refusal: 'api_key_superseded' };
  }
  if (accountLockedAt !== undefined) return { refusal: 'account_locked' };
  return { refusal: undefined, key: { ...record, secret } };
}
