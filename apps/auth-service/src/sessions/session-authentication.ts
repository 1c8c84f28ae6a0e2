import type { AuthConnection } from '../revocations/record-revocation';
import type { Authentication } from './session';

/** How, and when, the owner of a session last proved who they are; undefined when there is no such session. */
export async function authenticationOf(
  transaction: AuthConnection,
  sessionId: string,
): Promise<Authentication | undefined> {
  const row = await transaction
    .selectFrom('sessions')
    .select(['acr', 'amr', 'authenticated_at'])
    .where('id', '=', sessionId)
    .executeTakeFirst();
  return row && { acr: row.acr, amr: row.amr, at: row.authenticated_at };
}
