import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import { CLOCK, DATABASE } from '../../app.tokens';
import type { Clock } from '@sallyport/tokens';
import type { AuthTables } from '../../auth.tables';
import { isLive } from '../../sessions/live-session';
import { SESSION_POLICY } from '../../sessions/session-policy';
import type { SessionPolicy } from '../../sessions/session-policy';
import type { IdTokenNote } from '../id-token-notes';

/** Keeps of each grant whether its client takes somebody for signed in: it was given an ID token, and not told since. */
@Injectable()
export class ClientSignInsRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(SESSION_POLICY) private readonly policy: SessionPolicy,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Notes an ID token that a key signs under a grant. False when its session has ended, or the key is not the active one any
   * more: then the token must not leave.
   */
  async note({ grantId, clientSid }: IdTokenNote, kid: string): Promise<boolean> {
    const now = this.clock();
    const { rows } = await sql`
      WITH key AS (
        SELECT kid FROM signing_keys WHERE kid = ${kid} AND state = 'active' FOR KEY SHARE
      )
      UPDATE sessions SET last_used_at = ${now}, client_knows = true, client_sid = ${clientSid ?? null},
        signing_keys =
          CASE WHEN key.kid = ANY(signing_keys) THEN signing_keys ELSE signing_keys || key.kid END
      FROM key
      WHERE grant_id = ${grantId} AND ${isLive(this.policy, now)}
      RETURNING id`.execute(this.database.db);
    return rows.length > 0;
  }

  /** Has a client told that somebody has signed out, though the grant goes on; once for each sign-in. */
  async over(clientId: string, accountId: string, clientSid: string | undefined): Promise<void> {
    const now = this.clock();
    await sql`
      WITH told AS (
        UPDATE sessions SET client_knows = false
        WHERE client_id = ${clientId} AND account_id = ${accountId} AND client_knows
          AND ended_at IS NULL AND (client_sid IS NULL OR client_sid = ${clientSid ?? null})
        RETURNING client_id, account_id, client_sid
      )
      INSERT INTO oauth_logout_notices (client_id, account_id, client_sid, due_at)
      SELECT DISTINCT client_id, account_id, client_sid, ${now}::timestamptz FROM told`.execute(
      this.database.db,
    );
  }
}
