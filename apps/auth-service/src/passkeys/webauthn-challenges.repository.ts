import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Account } from '../accounts/account';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { laterBy } from '../revocations/record-revocation';
import type { ChallengePurpose } from './passkeys.tables';

/** Twice what WebAuthn asks for (Level 3 section 13.4.3). */
const CHALLENGE_BYTES = 32;

/** Seconds in which a challenge is to be answered; also what browsers are told. */
export const WEBAUTHN_CHALLENGE_SECONDS = 5 * 60;

/**
 * Who may answer a challenge, and for what. One of a sign-in that begins with the passkey is anybody's, once: whoever answers
 * it says who they are by that, and the origin that the browser signs keeps an answer of another site out. A cookie beside it
 * would stop nothing but the theft of an answer out of the very page, which could steal the cookie's session as well.
 */
export type Asked =
  | { readonly purpose: Extract<ChallengePurpose, 'login'> }
  | {
      readonly purpose: Exclude<ChallengePurpose, 'login'>;
      readonly account: Pick<Account, 'id' | 'passwordVersion'>;
      /** Id of the session, or token of the sign-in, that asks. */
      readonly boundTo: string;
    };

/** Stores the challenges authenticators are given. */
@Injectable()
export class WebauthnChallengesRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<AuthTables>) {}

  /** A new challenge. */
  async open(asked: Asked, now: Date): Promise<Buffer> {
    const challenge = randomBytes(CHALLENGE_BYTES);
    await this.database.db
      .insertInto('webauthn_challenges')
      .values({
        challenge_hash: digest(challenge),
        ...boundColumns(asked),
        expires_at: laterBy(now, WEBAUTHN_CHALLENGE_SECONDS),
      })
      .execute();
    return challenge;
  }

  /**
   * Uses a challenge up, whatever its answer turns out to be worth: one statement, so that of answers given at once one is
   * looked at. False, and nothing is used up, when it is none, was used, is past its end, or was given to somebody else or for
   * something else, or before the credentials of the account changed.
   */
  async take(challenge: Buffer, asked: Asked, now: Date): Promise<boolean> {
    const { purpose, account_id, password_version, bound_to } = boundColumns(asked);
    const { rows } = await sql`
      DELETE FROM webauthn_challenges
      WHERE challenge_hash = ${digest(challenge)} AND purpose = ${purpose}
        AND account_id IS NOT DISTINCT FROM ${account_id}::uuid
        AND password_version IS NOT DISTINCT FROM ${password_version}::integer
        AND bound_to IS NOT DISTINCT FROM ${bound_to}::bytea
        AND expires_at > ${now}
      RETURNING challenge_hash`.execute(this.database.db);
    return rows.length === 1;
  }

  /** Removes up to `limit` challenges that are past their end; says how many. */
  async removeExpired(now: Date, limit: number): Promise<number> {
    const { rows } = await sql`
      DELETE FROM webauthn_challenges WHERE challenge_hash IN (
        SELECT challenge_hash FROM webauthn_challenges WHERE expires_at <= ${now}
        LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING challenge_hash`.execute(this.database.db);
    return rows.length;
  }
}

function boundColumns(asked: Asked) {
  if (asked.purpose === 'login') {
    return { purpose: asked.purpose, account_id: null, password_version: null, bound_to: null };
  }
  const { purpose, account, boundTo } = asked;
  return {
    purpose,
    account_id: account.id,
    password_version: account.passwordVersion,
    bound_to: digest(boundTo),
  };
}

function digest(text: Buffer | string): Buffer {
  return createHash('sha256').update(text).digest();
}
