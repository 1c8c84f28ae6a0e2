import type { AuthConnection } from '../revocations/record-revocation';

/**
 * Has the tokens that are issued in a session from now on say that more was proved in it than when it was opened. One that said
 * as much already goes on saying how: by a passkey alone, say, and no password.
 */
export async function raiseSession(
  transaction: AuthConnection,
  sessionId: string,
  { acr, amr }: { readonly acr: string; readonly amr: readonly string[] },
): Promise<void> {
  await transaction
    .updateTable('sessions')
    .set({ acr, amr: [...amr] })
    .where('id', '=', sessionId)
    .where('acr', '!=', acr)
    .execute();
}
