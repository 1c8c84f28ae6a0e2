import { API_KEY_ID_PATTERN } from '@sallyport/api-keys';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

/** Whether a row of `api_keys` is the key of this id; of none, when the text could be no id. */
export function hasApiKeyId(id: string): RawBuilder<boolean> {
  return API_KEY_ID_PATTERN.test(id) ? sql<boolean>`api_keys.id = ${id}` : sql<boolean>`false`;
}
