import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { isUuid } from '../is-uuid';
import type { AuthConnection } from '../revocations/record-revocation';
import { holdLiveSession } from '../sessions/live-session';
import type { SessionPolicy } from '../sessions/session-policy';

/** A user who is signed in: nobody else gets to see a secret, so that a key which leaked makes no other. */
export interface KeyMaker {
  readonly accountId: string;
  readonly sessionId: string;
}

/** @throws ServiceError PERMISSION_DENIED `session_required` for whoever acts by an API key, a client or a certificate. */
export function keyMakerOf({ type, id, sessionId = '' }: Principal): KeyMaker {
  if (type === 'user' && isUuid(id) && isUuid(sessionId)) return { accountId: id, sessionId };
  throw new ServiceError('PERMISSION_DENIED', 'session_required');
}

/**
 * The scopes the account holds, which nobody makes or rotates another key of until the transaction is over. The session is
 * looked at here, because a token outlives its session by the bound of revocations, and what it makes would stay.
 *
 * @throws ServiceError UNAUTHENTICATED `session_ended`
 */
export async function holdKeyMaker(
  transaction: AuthConnection,
  { accountId, sessionId }: KeyMaker,
  at: { readonly policy: SessionPolicy; readonly now: Date },
): Promise<readonly string[]> {
  const account = await transaction
    .selectFrom('accounts')
    .select('scopes')
    .where('id', '=', accountId)
    .where('locked_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  const isLive = await holdLiveSession(transaction, { id: sessionId, accountId }, at);
  if (!account || !isLive) throw new ServiceError('UNAUTHENTICATED', 'session_ended');
  return account.scopes;
}
