import type { AuthConnection } from '../revocations/record-revocation';

const TABLES = [
  'totp_factors',
  'phone_factors',
  'passkeys',
  'webauthn_challenges',
  'recovery_codes',
  'mfa_challenges',
] as const;

/** Takes every second factor of an account away, with what was begun with them: the password alone signs in again. */
export async function removeSecondFactors(
  transaction: AuthConnection,
  accountId: string,
): Promise<void> {
  for (const table of TABLES) {
    await transaction.deleteFrom(table).where('account_id', '=', accountId).execute();
  }
}
