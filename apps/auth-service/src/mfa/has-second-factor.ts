import type { AuthConnection } from '../revocations/record-revocation';

/**
 * Whether an account has a second factor of any kind, as a transaction sees it: what `SecondFactors` says, for those that
 * kinds of factors are themselves made of, such as notices. Told by the recovery codes, used ones too: they come with the
 * first factor and go with the last.
 */
export async function hasSecondFactor(
  transaction: AuthConnection,
  accountId: string,
): Promise<boolean> {
  const code = await transaction
    .selectFrom('recovery_codes')
    .select('account_id')
    .where('account_id', '=', accountId)
    .limit(1)
    .executeTakeFirst();
  return code !== undefined;
}
