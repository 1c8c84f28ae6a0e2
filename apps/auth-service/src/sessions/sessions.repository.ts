import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { RawBuilder, Selectable } from 'kysely';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import { isLive } from './live-session';
import type { RefreshToken } from './refresh-token';
import { refreshTokenDigest } from './refresh-token';
import { sealSuccessor } from './sealed-successor';
import type { Authentication, ClientOrigin, Session } from './session';
import { LONGEST_GRACE_SECONDS, SESSION_POLICY } from './session-policy';
import type { SessionPolicy } from './session-policy';
import type { SessionsTable } from './sessions.tables';

/** A session to open, for somebody who has just proved to be the owner of an account. */
export interface Opening extends Omit<Session, 'id'>, ClientOrigin {
  readonly openedAt: Date;
  /** Of the password that was verified: with another one set meanwhile, nothing opens. */
  readonly passwordVersion: number;
}

/** A session in which a token may be issued now, and what of its account the token depends on. */
export interface Issuance {
  readonly session: Session;
  readonly scopes: readonly string[];
  /** No access token of the account may carry a smaller `iat`. */
  readonly tokensValidFrom: Date;
}

/**
 * What came of an attempt to issue: `undefined` when the session or account does not allow it, `key_changed` when the
 * signing key was replaced since it was looked up; then nothing has happened and another key is to be taken.
 */
export type Attempted<Outcome> = Outcome | 'key_changed' | undefined;

/** A session as its owner sees it. */
export interface ListedSession extends Session {
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly clientAddress: string | undefined;
  readonly userAgent: string | undefined;
}

/** When, with which key, and by whom a session is used. */
export interface Use {
  readonly now: Date;
  readonly kid: string;
  readonly origin: ClientOrigin;
}

interface IssuedRow extends Selectable<SessionsTable> {
  readonly scopes: string[];
  readonly tokens_valid_from: Date;
}

/** More is not shown at once. */
const MOST_LISTED = 200;

/**
 * Stores sessions and the digests of their refresh tokens.
 *
 * Every transition is one statement that is guarded by, and changes, the session's row. Of transitions that race,
 * PostgreSQL lets one through and evaluates the guards of the others again on the row it left (READ COMMITTED): they
 * take effect one after the other, in an order that the row decides. What ends all sessions of an account or of a key
 * excludes those that are being opened or rotated by a lock on the account's or key's row, taken in the order account,
 * key, session.
 */
@Injectable()
export class SessionsRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(SESSION_POLICY) private readonly policy: SessionPolicy,
  ) {}

  /** Opens a session unless the account is locked, or its password another one. */
  async open(
    opening: Opening,
    first: RefreshToken,
    kid: string,
    connection?: AuthConnection,
  ): Promise<Attempted<Issuance>> {
    const { authentication, openedAt, accountId, passwordVersion } = opening;
    return this.issue(
      sql`
      WITH owner AS (
        SELECT id, scopes, tokens_valid_from FROM accounts
        WHERE id = ${accountId} AND locked_at IS NULL AND password_version = ${passwordVersion}
        FOR SHARE
      ), key AS (${activeKey(kid)}), issued AS (
        INSERT INTO sessions (account_id, current_token, acr, amr, authenticated_at, created_at,
          last_used_at, expires_at, client_address, user_agent, signing_keys)
        SELECT owner.id, ${refreshTokenDigest(first)}, ${authentication.acr},
          ${[...authentication.amr]}::text[], ${authentication.at}::timestamptz,
          ${openedAt}::timestamptz, ${openedAt}::timestamptz, ${opening.expiresAt}::timestamptz, ${opening.clientAddress ?? null},
          ${opening.userAgent ?? null}, ARRAY[key.kid]
        FROM owner, key
        RETURNING *
      )
      SELECT issued.*, owner.scopes, owner.tokens_valid_from, key.kid AS signing_kid
      FROM (VALUES (1)) AS always LEFT JOIN key ON true LEFT JOIN issued ON true LEFT JOIN owner ON true`,
      connection,
    );
  }

  /** The session whose current token this is, live or not. */
  async idByCurrentToken(presented: RefreshToken): Promise<string | undefined> {
    const row = await this.database.db
      .selectFrom('sessions')
      .select('id')
      .where('current_token', '=', refreshTokenDigest(presented))
      .executeTakeFirst();
    return row?.id;
  }

  /** current → rotated(successor), unless the token is not the current one of a live session. */
  async rotate(
    presented: RefreshToken,
    successor: RefreshToken,
    { now, kid, origin }: Use,
  ): Promise<Attempted<Issuance>> {
    const digest = refreshTokenDigest(presented);
    const sealed = this.policy.refreshGraceSeconds > 0 ? sealSuccessor(presented, successor) : null;
    return this.issue(sql`
      WITH key AS (${activeKey(kid)}), issued AS (
        UPDATE sessions SET current_token = ${refreshTokenDigest(successor)},
          ${usedNow(now, origin)}, ${signedBy}
        FROM key
        WHERE current_token = ${digest} AND ${isLive(this.policy, now)}
        RETURNING sessions.*
      ), remembered AS (
        INSERT INTO rotated_tokens (token, session_id, successor, rotated_at, sealed_successor)
        SELECT ${digest}, id, current_token, ${now}::timestamptz, ${sealed}::bytea FROM issued
      ), grace_closed AS (
        UPDATE rotated_tokens SET sealed_successor = NULL
        WHERE successor = ${digest} AND sealed_successor IS NOT NULL
          AND EXISTS (SELECT FROM issued)
      )
      ${issuedInSession}`);
  }

  /**
   * The grace: within it, and as long as the successor is unused, the token before it is answered with that same
   * successor. Resolves with it as it was sealed.
   */
  async repeatRotation(
    presented: RefreshToken,
    { now, kid, origin }: Use,
  ): Promise<Attempted<Issuance & { readonly sealedSuccessor: Buffer }>> {
    const { refreshGraceSeconds } = this.policy;
    if (refreshGraceSeconds === 0) return undefined;
    // Also from above: a clock that was set back must not prolong it.
    const [earliest, latest] = [
      laterBy(now, -refreshGraceSeconds),
      laterBy(now, refreshGraceSeconds),
    ];
    return this.issue(sql`
      WITH key AS (${activeKey(kid)}), issued AS (
        UPDATE sessions SET ${usedNow(now, origin)}, ${signedBy}
        FROM key, rotated_tokens
        WHERE rotated_tokens.token = ${refreshTokenDigest(presented)}
          AND rotated_tokens.sealed_successor IS NOT NULL
          AND rotated_tokens.rotated_at > ${earliest} AND rotated_tokens.rotated_at < ${latest}
          AND sessions.id = rotated_tokens.session_id
          AND sessions.current_token = rotated_tokens.successor
          AND ${isLive(this.policy, now)}
        RETURNING sessions.*, rotated_tokens.sealed_successor AS "sealedSuccessor"
      )
      ${issuedInSession}`);
  }

  /**
   * Has a live session say how, and when, its owner has just authenticated: the tokens that are issued in it from now on do.
   * Its end stays where it is, and so does its refresh token.
   */
  async authenticateAgain(
    transaction: AuthConnection,
    { id, accountId }: Pick<Session, 'id' | 'accountId'>,
    { acr, amr }: Omit<Authentication, 'at'>,
    { now, kid, origin }: Use,
  ): Promise<Attempted<Issuance>> {
    return this.issue(
      sql`
      WITH key AS (${activeKey(kid)}), issued AS (
        UPDATE sessions SET acr = ${acr}, amr = ${[...amr]}::text[], authenticated_at = ${now},
          ${usedNow(now, origin)}, ${signedBy}
        FROM key
        WHERE id = ${id} AND account_id = ${accountId} AND current_token IS NOT NULL
          AND ${isLive(this.policy, now)}
        RETURNING sessions.*
      )
      ${issuedInSession}`,
      transaction,
    );
  }

  /** The live sessions of an account, the most recently used first. */
  async listLive(accountId: string, now: Date): Promise<readonly ListedSession[]> {
    const rows = await this.database.db
      .selectFrom('sessions')
      .selectAll()
      .where('account_id', '=', accountId)
      .where(() => isLive(this.policy, now))
      .orderBy('last_used_at', 'desc')
      .orderBy('id')
      .limit(MOST_LISTED)
      .execute();
    return rows.map((row) => ({
      ...toSession(row),
      createdAt: row.created_at,
      lastUsedAt: row.last_used_at,
      clientAddress: row.client_address ?? undefined,
      userAgent: row.user_agent ?? undefined,
    }));
  }

  async countLive(accountId: string, now: Date): Promise<number> {
    const { count } = await this.database.db
      .selectFrom('sessions')
      .select((each) => each.fn.countAll<number>().as('count'))
      .where('account_id', '=', accountId)
      .where(() => isLive(this.policy, now))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Forgets the successors that no grace hands out any more. */
  async closeGraces(now: Date): Promise<void> {
    await this.database.db
      .updateTable('rotated_tokens')
      .set({ sealed_successor: null })
      .where('sealed_successor', 'is not', null)
      .where('rotated_at', '<', laterBy(now, -2 * LONGEST_GRACE_SECONDS))
      .execute();
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

  /** Of the one row: with no key the key was replaced, with no session there is none in which to issue. */
  private async issue<Further = unknown>(
    statement: RawBuilder<unknown>,
    connection: AuthConnection = this.database.db,
  ): Promise<Attempted<Issuance & Further>> {
    const { rows } = await statement.execute(connection);
    const row = rows[0] as IssuedRow & Further & { readonly signing_kid: string | null };
    if (row.signing_kid === null) return 'key_changed';
    if ((row.id as string | null) === null) return undefined;
    return {
      ...row,
      session: toSession(row),
      scopes: row.scopes,
      tokensValidFrom: row.tokens_valid_from,
    };
  }
}

/** Keeps the key active until the statement's end: who taints it waits, and ends the session as well. */
function activeKey(kid: string): RawBuilder<unknown> {
  return sql`SELECT kid FROM signing_keys WHERE kid = ${kid} AND state = 'active' FOR KEY SHARE`;
}

function usedNow(now: Date, { clientAddress, userAgent }: ClientOrigin): RawBuilder<unknown> {
  return sql`last_used_at = ${now}, client_address = coalesce(${clientAddress ?? null}, client_address),
    user_agent = coalesce(${userAgent ?? null}, user_agent)`;
}

const signedBy = sql`signing_keys =
  CASE WHEN key.kid = ANY(signing_keys) THEN signing_keys ELSE signing_keys || key.kid END`;

const issuedInSession = sql`
  SELECT issued.*, accounts.scopes, accounts.tokens_valid_from, key.kid AS signing_kid
  FROM (VALUES (1)) AS always
    LEFT JOIN key ON true
    LEFT JOIN issued ON true
    LEFT JOIN accounts ON accounts.id = issued.account_id`;

function toSession(row: Selectable<SessionsTable>): Session {
  return {
    id: row.id,
    accountId: row.account_id,
    authentication: { acr: row.acr, amr: row.amr, at: row.authenticated_at },
    expiresAt: row.expires_at,
  };
}
