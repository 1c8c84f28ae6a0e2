import type { AuthConnection } from '../revocations/record-revocation';

/**
 * Lets the passkeys of an account sign nobody in alone, each until it completes a sign-in by password: whoever else was in the
 * account may have put one in use, and would get in by it past a new password.
 */
export async function haveNeedPassword(
  transaction: AuthConnection,
  accountId: string,
): Promise<void> {
  await transaction
    .updateTable('passkeys')
    .set({ needs_password: true })
    .where('account_id', '=', accountId)
    .execute();
}
