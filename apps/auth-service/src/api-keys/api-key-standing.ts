import type { PresentedKeyRecord } from './presented-api-keys.repository';

/** Why a presented key is refused. For the log and the security event: outside they look alike. */
export type ApiKeyRefusal =
  | 'api_key_unknown'
  | 'api_key_secret_wrong'
  | 'api_key_superseded'
  | 'api_key_revoked'
  | 'api_key_expired'
  | 'account_locked';

/** Why a key is refused now; undefined when it is not. What its owner did to it comes before what befell the owner. */
export function refusalOf(
  record: PresentedKeyRecord | undefined,
  now: Date,
): ApiKeyRefusal | undefined {
  if (!record) return 'api_key_unknown';
  const { secret, revokedAt, expiresAt, accountLockedAt } = record;
  if (!secret) return 'api_key_secret_wrong';
  if (revokedAt !== undefined) return 'api_key_revoked';
  if (expiresAt !== undefined && expiresAt <= now) return 'api_key_expired';
  if (secret.validUntil !== undefined && secret.validUntil <= now) return 'api_key_superseded';
  if (accountLockedAt !== undefined) return 'account_locked';
  return undefined;
}
