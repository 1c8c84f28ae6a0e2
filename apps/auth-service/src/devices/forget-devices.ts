import type { AuthConnection } from '../revocations/record-revocation';

/**
 * Forgets the trusted devices of an account: whoever signs in from one of them is counted as anybody, and its owner is told
 * of it.
 *
 * @param exceptOf a session, the device of which stays trusted when it was the last to be opened from there
 */
export async function forgetDevices(
  transaction: AuthConnection,
  accountId: string,
  { exceptOf }: { readonly exceptOf?: string } = {},
): Promise<void> {
  let forgotten = transaction.deleteFrom('trusted_devices').where('account_id', '=', accountId);
  if (exceptOf !== undefined) {
    forgotten = forgotten.where((each) =>
      each.or([each('session_id', 'is', null), each('session_id', '!=', exceptOf)]),
    );
  }
  await forgotten.execute();
}
