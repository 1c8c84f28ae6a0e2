import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Account } from '../accounts/account';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import { endSessions } from '../sessions/ended-sessions';
import type { EndedSessions } from '../sessions/ended-sessions';
import { isLive } from '../sessions/live-session';
import type { Authentication, ClientOrigin } from '../sessions/session';
import type { Ending } from '../sessions/session-ends.repository';
import { SESSION_POLICY } from '../sessions/session-policy';
import type { SessionPolicy } from '../sessions/session-policy';

/** Somebody who signs in at the authorization server's own pages. */
export interface BrowserSignIn extends ClientOrigin {
  /** Names the interaction in which it happens. */
  readonly interactionUid: string;
  readonly authentication: Authentication;
  readonly expiresAt: Date;
}

/** A grant to open a session for, out of a browser's session. */
export interface GrantOpening {
  readonly grantId: string;
  readonly clientId: string;
  readonly browserUid: string;
  readonly now: Date;
  readonly expiresAt: Date;
}

/** What a token that is issued under a grant depends on. */
export interface GrantUse {
  readonly sessionId: string;
  /** What the account may do now. */
  readonly scopes: readonly string[];
  /** No access token of the account, or of the client, may carry a smaller `iat`. */
  readonly tokensValidFrom: Date;
  readonly expiresAt: Date;
}

/**
 * The rows of `sessions` that stand for a browser signed in at the authorization server, and for what each grant gave a
 * client. They have no refresh token of their own; everything that ends an account's sessions ends them as well.
 */
@Injectable()
export class OauthSessionsRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(SESSION_POLICY) private readonly policy: SessionPolicy,
  ) {}

  /**
   * Opens the session of a browser in which somebody has just signed in. It is named by the interaction until
   * {@link OauthSessionsRepository.adopt} names it by the browser. False when the account was locked or its password
   * changed since it was read.
   */
  async signIn(
    { id, passwordVersion }: Pick<Account, 'id' | 'passwordVersion'>,
    { interactionUid, authentication, expiresAt, clientAddress, userAgent }: BrowserSignIn,
    connection: AuthConnection = this.database.db,
  ): Promise<boolean> {
    const { acr, amr, at } = authentication;
    const { rows } = await sql`
      WITH owner AS (
        SELECT id FROM accounts
        WHERE id = ${id} AND locked_at IS NULL AND password_version = ${passwordVersion}
        FOR SHARE
      )
      INSERT INTO sessions (account_id, browser_uid, acr, amr, authenticated_at, created_at,
        last_used_at, expires_at, client_address, user_agent)
      SELECT owner.id, ${pending(interactionUid)}, ${acr}, ${[...amr]}::text[], ${at}::timestamptz,
        ${at}::timestamptz, ${at}::timestamptz, ${expiresAt}::timestamptz, ${clientAddress ?? null},
        ${userAgent ?? null}
      FROM owner
      RETURNING id`.execute(connection);
    return rows.length > 0;
  }

  /**
   * Gives a browser the session its interaction opened. One that was signed in before, as the same account, keeps its
   * session with the newer authentication; doing it again changes nothing. False when the browser has no live session
   * after that, because it was ended meanwhile.
   */
  async adopt(interactionUid: string, browserUid: string, now: Date): Promise<boolean> {
    return this.database.db.transaction().execute(async (transaction) => {
      const opened = sql`browser_uid = ${pending(interactionUid)} AND ${isLive(this.policy, now)}`;
      const signedIn = sql`browser_uid = ${browserUid} AND ${isLive(this.policy, now)}`;
      await sql`
        UPDATE sessions SET acr = opened.acr, amr = opened.amr,
          authenticated_at = opened.authenticated_at, last_used_at = opened.last_used_at
        FROM (SELECT * FROM sessions WHERE ${opened}) AS opened
        WHERE sessions.browser_uid = ${browserUid} AND sessions.account_id = opened.account_id
          AND ${isLive(this.policy, now)}`.execute(transaction);
      await sql`
        DELETE FROM sessions
        WHERE ${opened} AND EXISTS (SELECT FROM sessions WHERE ${signedIn})`.execute(transaction);
      await sql`
        UPDATE sessions SET browser_uid = ${browserUid} WHERE ${opened}`.execute(transaction);
      const { rows } = await sql`SELECT FROM sessions WHERE ${signedIn}`.execute(transaction);
      return rows.length > 0;
    });
  }

  /** Opens the session of a grant, for who is signed in in a browser. False when nobody is, or the client is disabled. */
  async openGrant(
    { grantId, clientId, browserUid, now, expiresAt }: GrantOpening,
    connection: AuthConnection = this.database.db,
  ): Promise<boolean> {
    const { rows } = await sql`
      WITH client AS (
        SELECT id FROM oauth_clients WHERE id = ${clientId} AND disabled_at IS NULL FOR SHARE
      ), browser AS (
        SELECT * FROM sessions WHERE browser_uid = ${browserUid} AND ${isLive(this.policy, now)}
        FOR SHARE
      )
      INSERT INTO sessions (account_id, grant_id, client_id, acr, amr, authenticated_at, created_at,
        last_used_at, expires_at, client_address, user_agent)
      SELECT browser.account_id, ${grantId}, client.id, browser.acr, browser.amr,
        browser.authenticated_at, ${now}::timestamptz, ${now}::timestamptz,
        ${expiresAt}::timestamptz, browser.client_address, browser.user_agent
      FROM browser, client
      RETURNING id`.execute(connection);
    return rows.length > 0;
  }

  /**
   * Notes that a token is issued under a grant with a signing key. Undefined when its session has ended, its client is
   * disabled, or the key is not the active one any more: then the token must not leave.
   */
  async useGrant(grantId: string, kid: string, now: Date): Promise<GrantUse | undefined> {
    const { rows } = await sql<{
      readonly id: string;
      readonly scopes: string[];
      readonly tokens_valid_from: Date;
      readonly expires_at: Date;
    }>`
      WITH key AS (
        SELECT kid FROM signing_keys WHERE kid = ${kid} AND state = 'active' FOR KEY SHARE
      ), client AS (
        SELECT id, tokens_valid_from FROM oauth_clients
        WHERE id = (SELECT client_id FROM sessions WHERE grant_id = ${grantId})
          AND disabled_at IS NULL
        FOR SHARE
      ), used AS (
        UPDATE sessions SET last_used_at = ${now}, signing_keys =
          CASE WHEN key.kid = ANY(signing_keys) THEN signing_keys ELSE signing_keys || key.kid END
        FROM key, client
        WHERE sessions.client_id = client.id AND grant_id = ${grantId} AND ${isLive(this.policy, now)}
        RETURNING sessions.id, sessions.account_id, sessions.expires_at, client.tokens_valid_from
      )
      SELECT used.id, used.expires_at, accounts.scopes,
        greatest(accounts.tokens_valid_from, used.tokens_valid_from) AS tokens_valid_from
      FROM used JOIN accounts ON accounts.id = used.account_id`.execute(this.database.db);
    const [row] = rows;
    return (
      row && {
        sessionId: row.id,
        scopes: row.scopes,
        tokensValidFrom: row.tokens_valid_from,
        expiresAt: row.expires_at,
      }
    );
  }

  /** Ends the session of a grant, if it is live. */
  endGrant(grantId: string, ending: Ending): Promise<EndedSessions> {
    const condition = sql`${isLive(this.policy, ending.now)} AND grant_id = ${grantId}`;
    return endSessions(this.database.db, condition, ending);
  }

  /** Ends up to so many of the live sessions of a client's grants. */
  someOfClient(clientId: string, limit: number, ending: Ending): Promise<EndedSessions> {
    const condition = sql`${isLive(this.policy, ending.now)} AND client_id = ${clientId}`;
    return endSessions(this.database.db, condition, { ...ending, limit });
  }

  /** Ends the live sessions of the grants that an account gave a client. */
  grantsOf(
    { accountId, clientId }: { readonly accountId: string; readonly clientId: string },
    ending: Ending,
    connection: AuthConnection,
  ): Promise<EndedSessions> {
    const condition = sql`${isLive(this.policy, ending.now)} AND account_id = ${accountId}
      AND client_id = ${clientId}`;
    return endSessions(connection, condition, ending);
  }

  /** Ends the session of a browser, if it is live. */
  endBrowser(browserUid: string, ending: Ending): Promise<EndedSessions> {
    const condition = sql`${isLive(this.policy, ending.now)} AND browser_uid = ${browserUid}`;
    return endSessions(this.database.db, condition, ending);
  }
}

/** No browser is named like that: their names are 21 characters of base64url. */
function pending(interactionUid: string): string {
  return `interaction:${interactionUid}`;
}
