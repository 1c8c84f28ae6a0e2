import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import { DATABASE } from '../../app.tokens';
import type { AuthTables } from '../../auth.tables';
import { laterBy } from '../../revocations/record-revocation';
import type { AuthConnection } from '../../revocations/record-revocation';
import type { EndedSessions } from '../../sessions/ended-sessions';
import type { Ending } from '../../sessions/session-ends.repository';
import { OauthSessionsRepository } from '../oauth-sessions.repository';
import type { GrantOpening } from '../oauth-sessions.repository';
import { LIFETIMES } from '../provider-configuration';

/** Whose consent it is, and to which client. */
export interface Parties {
  readonly accountId: string;
  readonly clientId: string;
}

/** What somebody allowed, and when they were asked or it was made use of. */
export interface Consent extends Parties {
  readonly scopes: readonly string[];
  readonly now: Date;
}

/** A client that an account allowed something, as its owner sees it. */
export interface ListedConsent {
  readonly clientId: string;
  readonly clientName: string;
  readonly scopes: readonly string[];
  readonly since: Date;
  /** When the client last got something by it. */
  readonly lastUsedAt: Date;
}

/**
 * What people allowed OAuth clients, a row for each scope. Giving, using and withdrawing exclude each other by those rows: a
 * grant that is opened by a consent is either there for the withdrawal to end, or not opened at all.
 */
@Injectable()
export class ConsentsRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    private readonly sessions: OauthSessionsRepository,
  ) {}

  /**
   * Remembers what somebody has just allowed, and opens the grant it is given in, if that is a new one. Neither happens
   * without the other: false when the sign-in has ended or the client is disabled.
   */
  give({ accountId, clientId, scopes, now }: Consent, opening?: GrantOpening): Promise<boolean> {
    return this.inOne(async (transaction) => {
      if (opening && !(await this.sessions.openGrant(opening, transaction))) return false;
      const { rows } = await sql`
        WITH client AS (
          SELECT id FROM oauth_clients WHERE id = ${clientId} AND disabled_at IS NULL FOR SHARE
        )
        INSERT INTO oauth_consents (account_id, client_id, scope, given_at, last_used_at)
        SELECT ${accountId}::uuid, client.id, scope, ${now}::timestamptz, ${now}::timestamptz
        FROM client, unnest(${[...scopes]}::text[]) AS scope ORDER BY scope
        ON CONFLICT (account_id, client_id, scope) DO UPDATE
        SET given_at = excluded.given_at, last_used_at = excluded.last_used_at
        RETURNING scope`.execute(transaction);
      return rows.length === scopes.length;
    });
  }

  /**
   * Makes use of what was allowed before, and opens a grant by it, if that is a new one. False when a scope of it was not
   * allowed, was withdrawn, or so long ago that it is to be asked again.
   */
  use({ accountId, clientId, scopes, now }: Consent, opening?: GrantOpening): Promise<boolean> {
    return this.inOne(async (transaction) => {
      const { rows } = await sql`
        WITH remembered AS (
          SELECT scope FROM oauth_consents
          WHERE account_id = ${accountId} AND client_id = ${clientId}
            AND scope = ANY(${[...scopes]}::text[]) AND given_at > ${laterBy(now, -LIFETIMES.consent)}
          ORDER BY scope FOR UPDATE
        )
        UPDATE oauth_consents SET last_used_at = ${now} FROM remembered
        WHERE account_id = ${accountId} AND client_id = ${clientId}
          AND oauth_consents.scope = remembered.scope
        RETURNING oauth_consents.scope`.execute(transaction);
      if (rows.length !== scopes.length) return false;
      return opening === undefined || (await this.sessions.openGrant(opening, transaction));
    });
  }

  /** The clients an account allowed something, the one most recently used first. */
  async list(accountId: string): Promise<readonly ListedConsent[]> {
    const { rows } = await sql<ListedConsent>`
      SELECT client.id AS "clientId", client.name AS "clientName",
        array_agg(consent.scope ORDER BY consent.scope) AS scopes, min(consent.given_at) AS since,
        greatest(max(consent.last_used_at), (
          SELECT max(sessions.last_used_at) FROM sessions
          WHERE sessions.account_id = ${accountId} AND sessions.client_id = client.id
        )) AS "lastUsedAt"
      FROM oauth_consents AS consent JOIN oauth_clients AS client ON client.id = consent.client_id
      WHERE consent.account_id = ${accountId}
      GROUP BY client.id
      ORDER BY "lastUsedAt" DESC, client.id`.execute(this.database.db);
    return rows;
  }

  /** Forgets what an account allowed a client, and ends its grants. Undefined when there was nothing. */
  withdraw(parties: Parties, ending: Ending): Promise<EndedSessions | undefined> {
    return this.database.db.transaction().execute(async (transaction) => {
      const { rows } = await sql`
        DELETE FROM oauth_consents
        WHERE account_id = ${parties.accountId} AND client_id = ${parties.clientId}
        RETURNING scope`.execute(transaction);
      // After the deletion, in a statement of its own: it sees what was opened by the rows that are gone.
      const ended = await this.sessions.grantsOf(parties, ending, transaction);
      return rows.length + ended.sessions.length > 0 ? ended : undefined;
    });
  }

  /** Forgets what anybody allowed a client. */
  async forgetClient(clientId: string): Promise<void> {
    await this.database.db.deleteFrom('oauth_consents').where('client_id', '=', clientId).execute();
  }

  /** Removes what is to be asked again, once the last grant that was opened by it is over. */
  async removeOutdated(now: Date): Promise<void> {
    await this.database.db
      .deleteFrom('oauth_consents')
      .where('given_at', '<', laterBy(now, -(LIFETIMES.consent + LIFETIMES.grant)))
      .execute();
  }

  /** All of it or nothing: what the work has written is undone when it resolves with false. */
  private async inOne(work: (transaction: AuthConnection) => Promise<boolean>): Promise<boolean> {
    try {
      await this.database.db.transaction().execute(async (transaction) => {
        if (!(await work(transaction))) throw new NotDone();
      });
      return true;
    } catch (error) {
      if (error instanceof NotDone) return false;
      throw error;
    }
  }
}

/** Undoes a transaction in which nothing has failed. */
class NotDone extends Error {}
