import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { PresentedApiKey } from '@sallyport/api-keys';
import type { Database } from '@sallyport/persistence';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import { LAST_USED_SECONDS } from './api-key';
import { hasApiKeyId } from './has-api-key-id';

/** What there is to know about a key whose secret somebody has presented. */
export interface PresentedKeyRecord {
  readonly accountId: string;
  readonly accountLockedAt: Date | undefined;
  readonly accountScopes: readonly string[];
  readonly scopes: readonly string[];
  readonly expiresAt: Date | undefined;
  readonly revokedAt: Date | undefined;
  readonly requestsPerMinute: number | undefined;
  /** The secret that was presented; undefined when the key has no such. */
  readonly secret: PresentedSecret | undefined;
}

export interface PresentedSecret {
  readonly lastUsedAt: Date | undefined;
  readonly validUntil: Date | undefined;
}

/** Looks presented keys up, by their id. */
@Injectable()
export class PresentedApiKeysRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** Undefined when there is no such key. */
  async find({ id, secretHash }: PresentedApiKey): Promise<PresentedKeyRecord | undefined> {
    const rows = await this.database.db
      .selectFrom('api_keys')
      .innerJoin('accounts', 'accounts.id', 'api_keys.account_id')
      .innerJoin('api_key_secrets', 'api_key_secrets.api_key_id', 'api_keys.id')
      .select(['api_keys.account_id', 'accounts.locked_at', 'accounts.scopes as account_scopes'])
      .select(['api_keys.scopes', 'api_keys.expires_at', 'api_keys.revoked_at'])
      .select('api_keys.requests_per_minute')
      .select(['secret_hash', 'last_used_at', 'valid_until'])
      .where(hasApiKeyId(id))
      .execute();
    const [key] = rows;
    if (!key) return undefined;
    const secret = rows.find(({ secret_hash }) => isSame(secret_hash, secretHash));
    return {
      accountId: key.account_id,
      accountLockedAt: key.locked_at ?? undefined,
      accountScopes: key.account_scopes,
      scopes: key.scopes,
      expiresAt: key.expires_at ?? undefined,
      revokedAt: key.revoked_at ?? undefined,
      requestsPerMinute: key.requests_per_minute ?? undefined,
      secret: secret && {
        lastUsedAt: secret.last_used_at ?? undefined,
        validUntil: secret.valid_until ?? undefined,
      },
    };
  }

  /**
   * Notes that a secret was used, unless that was noted in the last minutes: one statement, so that of many uses at the
   * same time one writes. A secret that was rotated meanwhile is found by its hash.
   */
  async markUsed({ id, secretHash }: PresentedApiKey, now: Date): Promise<void> {
    await this.database.db
      .updateTable('api_key_secrets')
      .set({ last_used_at: now })
      .where('api_key_id', '=', id)
      .where('secret_hash', '=', secretHash)
      .where((each) =>
        each.or([
          each('last_used_at', 'is', null),
          each('last_used_at', '<=', laterBy(now, -LAST_USED_SECONDS)),
        ]),
      )
      .execute();
  }
}

function isSame(kept: Buffer, presented: Buffer): boolean {
  return kept.length === presented.length && timingSafeEqual(kept, presented);
}
