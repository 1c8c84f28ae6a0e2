import type { AuthConnection } from '../revocations/record-revocation';

/**
 * Forgets what was begun for an account or is remembered of those who were in it: challenges, enrolments that were not
 * confirmed, and what applications were allowed.
 */
export async function forgetWhatIsUnderWay(
  transaction: AuthConnection,
  accountId: string,
): Promise<void> {
  for (const table of ['mfa_challenges', 'webauthn_challenges', 'oauth_consents'] as const) {
    await transaction.deleteFrom(table).where('account_id', '=', accountId).execute();
  }
  for (const table of ['totp_factors', 'phone_factors'] as const) {
    await transaction
      .deleteFrom(table)
      .where('account_id', '=', accountId)
      .where('state', '=', 'pending')
      .execute();
  }
}
