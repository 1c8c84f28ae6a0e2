import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import { sql } from 'kysely';
import { CLOCK, DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import { isLive } from '../sessions/live-session';
import { SESSION_POLICY } from '../sessions/session-policy';
import type { SessionPolicy } from '../sessions/session-policy';

/** What the authorization server keeps of one of its models. */
export type ArtifactPayload = Readonly<Record<string, unknown>>;

/** An artifact that exists, has not expired, and that nothing it depends on has ended. */
export interface Artifact {
  readonly payload: ArtifactPayload;
  /** Seconds since the epoch; undefined while it may be used. */
  readonly consumedAt: number | undefined;
}

interface Row {
  readonly payload: ArtifactPayload;
  readonly consumed_at: Date | null;
}

/**
 * Stores the authorization server's artifacts. Ids are kept as their SHA-256: those of codes, refresh tokens and browser
 * sessions are bearer secrets, and a copy of the database must not be worth any.
 */
@Injectable()
export class ArtifactsRepository {
  constructor(
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(SESSION_POLICY) private readonly policy: SessionPolicy,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Writes an artifact, in place of the one of the same id. */
  async put(kind: string, id: string, payload: ArtifactPayload, ttl: number): Promise<void> {
    await sql`${this.insertion(kind, id, payload, ttl)}
      ON CONFLICT (kind, id_hash) DO UPDATE
      SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
        account_id = excluded.account_id, client_id = excluded.client_id,
        expires_at = excluded.expires_at`.execute(this.database.db);
  }

  /** Writes an artifact unless there is one of the same id; tells whether it did. */
  async putOnce(kind: string, id: string, payload: ArtifactPayload, ttl: number): Promise<boolean> {
    const { numAffectedRows = 0n } = await sql`${this.insertion(kind, id, payload, ttl)}
      ON CONFLICT (kind, id_hash) DO NOTHING`.execute(this.database.db);
    return numAffectedRows > 0n;
  }

  find(kind: string, id: string): Promise<Artifact | undefined> {
    return this.findWhere(sql`artifact.kind = ${kind} AND artifact.id_hash = ${hashOf(id)}`);
  }

  /** Of a browser session, by the id it is known by to others than the browser. */
  findByUid(kind: string, uid: string): Promise<Artifact | undefined> {
    return this.findWhere(sql`artifact.kind = ${kind} AND artifact.uid = ${uid}`);
  }

  /**
   * Marks a one-use artifact as used: one statement, of which exactly one of several at the same time succeeds (R11).
   *
   * @returns whether it was this call that did
   */
  async consume(kind: string, id: string): Promise<boolean> {
    const { numAffectedRows = 0n } = await sql`
      UPDATE oauth_artifacts SET consumed_at = ${this.clock()}
      WHERE kind = ${kind} AND id_hash = ${hashOf(id)} AND consumed_at IS NULL`.execute(
      this.database.db,
    );
    return numAffectedRows === 1n;
  }

  async remove(kind: string, id: string): Promise<void> {
    await this.database.db
      .deleteFrom('oauth_artifacts')
      .where('kind', '=', kind)
      .where('id_hash', '=', hashOf(id))
      .execute();
  }

  /** The grant an artifact hangs on, whether or not it may still be used. */
  async grantOf(kind: string, id: string): Promise<string | undefined> {
    const row = await this.database.db
      .selectFrom('oauth_artifacts')
      .select('grant_id')
      .where('kind', '=', kind)
      .where('id_hash', '=', hashOf(id))
      .executeTakeFirst();
    return row?.grant_id ?? undefined;
  }

  /** Removes a grant with everything that hangs on it. */
  async removeGrant(grantId: string): Promise<void> {
    await this.database.db.deleteFrom('oauth_artifacts').where('grant_id', '=', grantId).execute();
  }

  /** Removes up to `limit` artifacts that are past their end; says how many. */
  async removeExpired(limit: number): Promise<number> {
    const { numAffectedRows = 0n } = await sql`
      DELETE FROM oauth_artifacts WHERE (kind, id_hash) IN (
        SELECT kind, id_hash FROM oauth_artifacts WHERE expires_at <= ${this.clock()}
        LIMIT ${limit} FOR UPDATE SKIP LOCKED)`.execute(this.database.db);
    return Number(numAffectedRows);
  }

  /**
   * Besides its own end, an artifact ends with the session it hangs on: what a grant gave with the session of the grant,
   * a browser's sign-in with the session of that browser.
   */
  private async findWhere(condition: ReturnType<typeof sql>): Promise<Artifact | undefined> {
    const now = this.clock();
    const { rows } = await sql<Row>`
      SELECT artifact.payload, artifact.consumed_at
      FROM oauth_artifacts AS artifact
      WHERE ${condition} AND artifact.expires_at > ${now}
        AND (artifact.account_id IS NULL OR (artifact.grant_id IS NULL AND artifact.uid IS NULL)
          OR EXISTS (
            SELECT FROM sessions
            WHERE ${isLive(this.policy, now)} AND sessions.account_id = artifact.account_id
              AND (sessions.grant_id = artifact.grant_id OR sessions.browser_uid = artifact.uid)))
      `.execute(this.database.db);
    const [row] = rows;
    if (row === undefined) return undefined;
    const consumedAt = row.consumed_at && Math.floor(row.consumed_at.getTime() / 1000);
    return { payload: row.payload, consumedAt: consumedAt ?? undefined };
  }

  private insertion(kind: string, id: string, payload: ArtifactPayload, ttl: number) {
    const kept = Object.fromEntries(Object.entries(payload).filter(([name]) => name !== 'jti'));
    const grantId = kind === 'Grant' ? id : text(payload['grantId']);
    return sql`
      INSERT INTO oauth_artifacts
        (kind, id_hash, payload, grant_id, uid, account_id, client_id, expires_at)
      VALUES (${kind}, ${hashOf(id)}, ${JSON.stringify(kept)}::jsonb, ${grantId},
        ${kind === 'Session' ? text(payload['uid']) : null}, ${text(payload['accountId'])}::uuid,
        ${text(payload['clientId'])}, ${laterBy(this.clock(), ttl)})`;
  }
}

function hashOf(id: string): Buffer {
  return createHash('sha256').update(id).digest();
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
