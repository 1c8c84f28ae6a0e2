import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Selectable } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { RefreshToken } from './refresh-token';
import { refreshTokenDigest } from './refresh-token';
import type { Session } from './session';
import type { SessionsTable } from './sessions.tables';

/** A session whose refresh token was exchanged, and what its account may hold at that moment. */
export interface Rotation {
  readonly session: Session;
  readonly scopes: readonly string[];
}

/**
 * Stores sessions and the digests of their refresh tokens.
 *
 * Every transition is one UPDATE that is guarded by, and changes, the session's row. Of transitions
 * that race, PostgreSQL lets one through and evaluates the guards of the others again on the row it
 * left (READ COMMITTED): they take effect one after the other, in an order that the row decides.
 */
@Injectable()
export class SessionsRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  async open(session: Omit<Session, 'id'>, first: RefreshToken): Promise<Session> {
    const { authentication } = session;
    const row = await this.database.db
      .insertInto('sessions')
      .values({
        account_id: session.accountId,
        current_token: refreshTokenDigest(first),
        acr: authentication.acr,
        amr: [...authentication.amr],
        authenticated_at: authentication.at,
        created_at: authentication.at,
        expires_at: session.expiresAt,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toSession(row);
  }

  /** current → rotated(successor). Undefined unless the token is the current one of a live session. */
  async rotate(
    presented: RefreshToken,
    successor: RefreshToken,
    now: Date,
  ): Promise<Rotation | undefined> {
    const row = await this.database.db
      .with('rotated', (db) =>
        db
          .updateTable('sessions')
          .set({ current_token: refreshTokenDigest(successor) })
          .where('current_token', '=', refreshTokenDigest(presented))
          .where('ended_at', 'is', null)
          .where('expires_at', '>', now)
          .returningAll(),
      )
      .with('remembered', (db) =>
        db
          .insertInto('rotated_tokens')
          .columns(['token', 'session_id', 'successor', 'rotated_at'])
          .expression((query) =>
            query
              .selectFrom('rotated')
              .select((each) => [
                each.val(refreshTokenDigest(presented)).as('token'),
                'id',
                'current_token',
                each.val(now).as('rotated_at'),
              ]),
          ),
      )
      .selectFrom('rotated')
      .innerJoin('accounts', 'accounts.id', 'rotated.account_id')
      .selectAll('rotated')
      .select('accounts.scopes')
      .executeTakeFirst();
    return row && { session: toSession(row), scopes: row.scopes };
  }

  /** Ends the live session whose current token this is. Undefined when there is none. */
  async logOut(presented: RefreshToken, now: Date): Promise<Session | undefined> {
    const row = await this.database.db
      .updateTable('sessions')
      .set({ ended_at: now, end_reason: 'logout' })
      .where('current_token', '=', refreshTokenDigest(presented))
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .returningAll()
      .executeTakeFirst();
    return row && toSession(row);
  }

  /**
   * Ends the live session in which this token was rotated before. Undefined when there is none.
   *
   * A statement of its own, after the one that found the token not to be current: what a concurrent
   * rotation has remembered is visible only to a statement that starts after it.
   */
  async endReplayed(presented: RefreshToken, now: Date): Promise<Session | undefined> {
    const row = await this.database.db
      .updateTable('sessions')
      .from('rotated_tokens')
      .set({ ended_at: now, end_reason: 'refresh_token_replayed' })
      .where('rotated_tokens.token', '=', refreshTokenDigest(presented))
      .whereRef('sessions.id', '=', 'rotated_tokens.session_id')
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .returningAll('sessions')
      .executeTakeFirst();
    return row && toSession(row);
  }

  /** Removes up to `limit` sessions that are past their end, with their tokens; says how many. */
  async removeExpired(now: Date, limit: number): Promise<number> {
    const result = await this.database.db
      .deleteFrom('sessions')
      .where('id', 'in', (query) =>
        query
          .selectFrom('sessions')
          .select('id')
          .where('expires_at', '<=', now)
          .limit(limit)
          .forUpdate()
          .skipLocked(),
      )
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

function toSession(row: Selectable<SessionsTable>): Session {
  return {
    id: row.id,
    accountId: row.account_id,
    authentication: { acr: row.acr, amr: row.amr, at: row.authenticated_at },
    expiresAt: row.expires_at,
  };
}
