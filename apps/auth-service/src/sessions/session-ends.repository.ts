import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import { endSessions } from './ended-sessions';
import type { EndedSessions } from './ended-sessions';
import { isLive } from './live-session';
import type { RefreshToken } from './refresh-token';
import { refreshTokenDigest } from './refresh-token';
import type { SessionEnd } from './session';
import { SESSION_POLICY } from './session-policy';
import type { SessionPolicy } from './session-policy';

/** Why sessions end, and when. */
export interface Ending {
  readonly reason: SessionEnd;
  readonly now: Date;
}

/** Ends sessions, each way by one statement that records the revocation as well. */
@Injectable()
export class SessionEndsRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(SESSION_POLICY) private readonly policy: SessionPolicy,
  ) {}

  /** Whether a token is, or was, one of a session that has not ended. */
  async isOfLiveSession(presented: RefreshToken, now: Date): Promise<boolean> {
    const digest = refreshTokenDigest(presented);
    const { rows } = await sql`
      SELECT FROM sessions
      WHERE ${isLive(this.policy, now)} AND (current_token = ${digest}
        OR id = (SELECT session_id FROM rotated_tokens WHERE token = ${digest}))`.execute(
      this.database.db,
    );
    return rows.length > 0;
  }

  /** Ends the live session whose current token this is. */
  byCurrentToken(presented: RefreshToken, ending: Ending): Promise<EndedSessions> {
    return this.end(sql`current_token = ${refreshTokenDigest(presented)}`, ending);
  }

  /**
   * Ends the live session in which this token was exchanged before.
   *
   * A statement of its own, after the one that found the token not to be current: what a concurrent rotation has
   * remembered is visible only to a statement that starts after it.
   */
  byRotatedToken(presented: RefreshToken, ending: Ending): Promise<EndedSessions> {
    const condition = sql`id =
      (SELECT session_id FROM rotated_tokens WHERE token = ${refreshTokenDigest(presented)})`;
    return this.end(condition, ending);
  }

  /** Whether an opaque token is one that a grant with a live session gave a client. */
  async isOfLiveGrant(presented: RefreshToken, now: Date): Promise<boolean> {
    const { rows } = await sql`
      SELECT FROM sessions WHERE ${isLive(this.policy, now)} AND ${ofClientToken(presented)}`.execute(
      this.database.db,
    );
    return rows.length > 0;
  }

  /** Ends the live session of the grant that gave a client this opaque token. */
  byClientToken(presented: RefreshToken, ending: Ending): Promise<EndedSessions> {
    return this.end(ofClientToken(presented), ending);
  }

  /**
   * The ids of an account's live sessions, which stay as they are until the transaction is over. Locked in the order in
   * which whoever ends several locks them.
   */
  async lockLive(
    accountId: string,
    now: Date,
    transaction: AuthConnection,
  ): Promise<readonly string[]> {
    const { rows } = await sql<{ readonly id: string }>`
      SELECT id FROM sessions WHERE account_id = ${accountId} AND ${isLive(this.policy, now)}
      ORDER BY id FOR UPDATE`.execute(transaction);
    return rows.map(({ id }) => id);
  }

  /** Ends one session of an account. */
  one(accountId: string, sessionId: string, ending: Ending): Promise<EndedSessions> {
    return this.end(sql`account_id = ${accountId} AND id = ${sessionId}`, ending);
  }

  /**
   * Ends all sessions of an account.
   *
   * @param connection of a transaction that has changed the account's row; one of its own when left out
   */
  all(accountId: string, ending: Ending, connection?: AuthConnection): Promise<EndedSessions> {
    const condition = sql`account_id = ${accountId}`;
    if (connection) return this.endWithOffspring(accountId, condition, ending, connection);
    return this.endOfUnchanged(accountId, condition, ending);
  }

  /** Ends all sessions of an account but one. @param connection as {@link SessionEndsRepository.all} has it */
  allBut(
    accountId: string,
    sessionId: string,
    ending: Ending,
    connection?: AuthConnection,
  ): Promise<EndedSessions> {
    const condition = sql`account_id = ${accountId} AND id <> ${sessionId}`;
    if (connection) return this.end(condition, ending, connection);
    return this.endOfUnchanged(accountId, condition, ending);
  }

  /** Ends the sessions of an account beyond so many, those that were left alone for longest. */
  allBeyond(most: number, accountId: string, ending: Ending): Promise<EndedSessions> {
    const condition = sql`account_id = ${accountId} AND id IN (
      SELECT id FROM sessions WHERE account_id = ${accountId} AND ${isLive(this.policy, ending.now)}
      ORDER BY last_used_at DESC, id OFFSET ${most})`;
    return this.end(condition, ending);
  }

  /** Ends up to so many of the sessions in which a key has signed, or in which it is not known which keys have. */
  someSignedBy(kid: string, limit: number, ending: Ending): Promise<EndedSessions> {
    const condition = sql`(signing_keys @> ARRAY[${kid}] OR signing_keys = '{}')`;
    return this.end(condition, { ...ending, limit });
  }

  /** Ends up to so many of all sessions there are. */
  some(limit: number, ending: Ending): Promise<EndedSessions> {
    return this.end(sql`true`, { ...ending, limit });
  }

  /**
   * Ends sessions of an account before or after a change of its password, not in its midst: that ends the sessions there
   * are and opens one, which only a statement sees that starts when the change is over.
   */
  private endOfUnchanged(
    accountId: string,
    condition: RawBuilder<unknown>,
    ending: Ending,
  ): Promise<EndedSessions> {
    return this.database.db.transaction().execute(async (transaction) => {
      await sql`SELECT FROM accounts WHERE id = ${accountId} FOR SHARE`.execute(transaction);
      return this.endWithOffspring(accountId, condition, ending, transaction);
    });
  }

  /**
   * Ends sessions of an account together with the grants that are being opened out of them: waits until those are there, and
   * then ends what a statement sees that starts after that. Later ones find nobody signed in. The rows are locked as
   * {@link endSessions} locks them.
   */
  private async endWithOffspring(
    accountId: string,
    condition: RawBuilder<unknown>,
    ending: Ending,
    transaction: AuthConnection,
  ): Promise<EndedSessions> {
    await sql`
      SELECT FROM sessions
      WHERE account_id = ${accountId} AND ${isLive(this.policy, ending.now)}
      ORDER BY id FOR UPDATE`.execute(transaction);
    return this.end(condition, ending, transaction);
  }

  private end(
    condition: RawBuilder<unknown>,
    ending: Ending & { readonly limit?: number },
    connection: AuthConnection = this.database.db,
  ): Promise<EndedSessions> {
    const ofLive = sql`${isLive(this.policy, ending.now)} AND ${condition}`;
    return endSessions(connection, ofLive, ending);
  }
}

function ofClientToken(presented: RefreshToken): RawBuilder<unknown> {
  return sql`grant_id = (SELECT grant_id FROM oauth_artifacts
    WHERE kind IN ('RefreshToken', 'AccessToken') AND id_hash = ${refreshTokenDigest(presented)}
    LIMIT 1)`;
}
