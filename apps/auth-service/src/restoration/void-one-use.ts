import { sql } from 'kysely';
import type { AuthConnection } from '../revocations/record-revocation';

/** RFC 6238: how long one code stands for; the next one is accepted early. */
const TOTP_PERIOD_SECONDS = 30;

/** What is one-use or was under way, with a name for it. Any row may have been used up since the backup. */
const VOIDED = [
  ['mfa_challenges', sql`true`],
  ['webauthn_challenges', sql`true`],
  ['sms_codes', sql`true`],
  ['totp_factors', sql`state = 'pending'`],
  ['phone_factors', sql`state = 'pending'`],
  ['recovery_codes', sql`true`],
  ['password_resets', sql`true`],
  ['password_reset_requests', sql`true`],
  ['registration_requests', sql`true`],
  ['pending_registrations', sql`true`],
  ['mails', sql`true`],
  // Codes, refresh tokens, grants and sign-ins of the authorization server; not what says that an assertion was seen.
  ['oauth_artifacts', sql`kind <> 'ReplayDetection'`],
] as const;

/**
 * Takes everything away that works once: whether it did since the backup is not known. TOTP codes up to now count as used.
 * Links by which owners say "this was not me" stay: used again they end sessions again.
 *
 * @returns how many rows of each table went
 */
export async function voidOneUse(
  transaction: AuthConnection,
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const [table, condition] of VOIDED) {
    const { numAffectedRows } = await sql`
      DELETE FROM ${sql.table(table)} WHERE ${condition}`.execute(transaction);
    counts.set(table, Number(numAffectedRows ?? 0));
  }
  const step = Math.floor(now.getTime() / 1_000 / TOTP_PERIOD_SECONDS) + 1;
  await sql`UPDATE totp_factors SET last_step = greatest(last_step, ${step})`.execute(transaction);
  return counts;
}
