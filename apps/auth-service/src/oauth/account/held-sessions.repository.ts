import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { DATABASE } from '../../app.tokens';
import type { AuthTables } from '../../auth.tables';
import { isLive } from '../../sessions/live-session';
import { SESSION_POLICY } from '../../sessions/session-policy';
import type { SessionPolicy } from '../../sessions/session-policy';

/** A live session, as the page shows it to its owner. */
export interface HeldSession {
  readonly id: string;
  /** Of the client whose grant it is; undefined for a sign-in of the person's own. */
  readonly clientName: string | undefined;
  readonly userAgent: string | undefined;
  readonly clientAddress: string | undefined;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly isThisBrowser: boolean;
}

/** The session of a browser in which somebody is signed in. */
export interface BrowserHeldSession {
  readonly id: string;
  readonly acr: string;
  readonly authenticatedAt: Date;
}

/** More is not shown at once; the most recently used come first. */
const MOST_SHOWN = 100;

/** Reads the sessions of an account, with the names of the clients they were given to. */
@Injectable()
export class HeldSessionsRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(SESSION_POLICY) private readonly policy: SessionPolicy,
  ) {}

  /** Undefined when it has ended. */
  async ofBrowser(browserUid: string, now: Date): Promise<BrowserHeldSession | undefined> {
    const row = await this.database.db
      .selectFrom('sessions')
      .select(['id', 'acr', 'authenticated_at'])
      .where('browser_uid', '=', browserUid)
      .where(() => isLive(this.policy, now))
      .executeTakeFirst();
    return row && { id: row.id, acr: row.acr, authenticatedAt: row.authenticated_at };
  }

  async list(accountId: string, browserUid: string, now: Date): Promise<readonly HeldSession[]> {
    const rows = await this.database.db
      .selectFrom('sessions')
      .leftJoin('oauth_clients', 'oauth_clients.id', 'sessions.client_id')
      .select([
        'sessions.id',
        'sessions.browser_uid',
        'sessions.user_agent',
        'sessions.client_address',
        'sessions.created_at',
        'sessions.last_used_at',
        'oauth_clients.name',
      ])
      .where('sessions.account_id', '=', accountId)
      .where(() => isLive(this.policy, now))
      .orderBy('sessions.last_used_at', 'desc')
      .orderBy('sessions.id')
      .limit(MOST_SHOWN)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      clientName: row.name ?? undefined,
      userAgent: row.user_agent ?? undefined,
      clientAddress: row.client_address ?? undefined,
      createdAt: row.created_at,
      lastUsedAt: row.last_used_at,
      isThisBrowser: row.browser_uid === browserUid,
    }));
  }
}
