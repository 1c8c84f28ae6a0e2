import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { AccessTokenClaims, Clock } from '@sallyport/tokens';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { CLOCK, DATABASE } from '../../app.tokens';
import type { AuthTables } from '../../auth.tables';
import { isUuid } from '../../is-uuid';
import { isLive } from '../../sessions/live-session';
import { SESSION_POLICY } from '../../sessions/session-policy';
import type { SessionPolicy } from '../../sessions/session-policy';

/** What of an access token decides whether something has ended it. */
export type TokenReferences = Pick<
  AccessTokenClaims,
  'jti' | 'sub' | 'client_id' | 'iat' | 'sid' | 'principal_type'
>;

/** Tells whether what an access token of a client hangs on is still there: by the rows, which the feed follows. */
@Injectable()
export class TokenStandingRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(SESSION_POLICY) private readonly policy: SessionPolicy,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Whether a verified token was given to a client by the authorization server, and neither the token nor its client, its
   * session or its account was ended since. False for every other token of this system: those of the first-party client
   * and of partners.
   */
  async stands(token: TokenReferences): Promise<boolean> {
    if (token.principal_type !== undefined) return false;
    const given = token.sid === undefined ? ofClient(token) : this.ofGrant(token, token.sid);
    if (given === undefined) return false;
    const { rows } = await sql`
      SELECT WHERE EXISTS (${given}) AND NOT EXISTS (
        SELECT FROM revocations WHERE kind = 'token' AND revoked_id = ${token.jti})`.execute(
      this.database.db,
    );
    return rows.length > 0;
  }

  private ofGrant(
    { sub, client_id: clientId, iat }: TokenReferences,
    sid: string,
  ): RawBuilder<unknown> | undefined {
    if (!isUuid(sid) || !isUuid(sub)) return undefined;
    return sql`
      SELECT FROM sessions
      JOIN accounts ON accounts.id = sessions.account_id
      JOIN oauth_clients AS client ON client.id = sessions.client_id
      WHERE sessions.id = ${sid} AND sessions.account_id = ${sub} AND client.id = ${clientId}
        AND sessions.grant_id IS NOT NULL AND ${isLive(this.policy, this.clock())}
        AND accounts.locked_at IS NULL AND accounts.tokens_valid_from <= to_timestamp(${iat})
        AND client.disabled_at IS NULL AND client.tokens_valid_from <= to_timestamp(${iat})`;
  }
}

/** A machine's, which is the subject of its own tokens. */
function ofClient({ sub, client_id: clientId, iat }: TokenReferences) {
  if (sub !== clientId) return undefined;
  return sql`
    SELECT FROM oauth_clients
    WHERE id = ${clientId} AND disabled_at IS NULL AND tokens_valid_from <= to_timestamp(${iat})`;
}
